"""A flag: its name, type, default, help and check, in a field of a group of them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from poets.errors import UsageError


@dataclass(frozen=True)
class Flag:
    """What a field's `Annotated[...]` says to the command line and to the check."""

    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    special: tuple[float, ...] = ()  # values outside the range that mean something, like -1

    def check(self, name: str, value: object) -> None:
        """Raise UsageError for a value that the flag cannot take."""
        if self.choices and value not in self.choices:
            raise UsageError(f"--{name} {value}: choose from {', '.join(self.choices)}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        finite = -math.inf < value < math.inf
        if value not in self.special and not (finite and self.minimum <= value <= self.maximum):
            raise UsageError(f"--{name} {value}: {self._range()}.")

    def _range(self) -> str:
        ends = [f"{end:,.10g}" for end in (self.minimum, self.maximum) if math.isfinite(end)]
        if not ends:
            return "it is a finite number"
        wanted = f"from {' to '.join(ends)}" if len(ends) == 2 else f"{ends[0]} or more"
        return "".join([f"it is {wanted}", *(f", or {value}" for value in self.special)])


@dataclass(frozen=True, kw_only=True)
class FlagGroup:
    """Flags that belong together: a field `Annotated[type, Flag(...)]` is one."""

    def __post_init__(self) -> None:
        """Raise UsageError for the first value that its flag cannot take."""
        for name, _, flag in flags_of(type(self)):
            flag.check(name, getattr(self, name))


def flags_of(config: type) -> Iterator[tuple[str, type, Flag]]:
    """Yield name, type and Flag of each flag of a configuration, nested ones left out."""
    for name, hint in get_type_hints(config, include_extras=True).items():
        if get_origin(hint) is Annotated:
            kind, flag = get_args(hint)
            yield name, kind, flag


def defaults_of(config: type) -> dict[str, Any]:
    """Return each flag's default; MISSING for a required one."""
    names = {name for name, _, _ in flags_of(config)}
    return {f.name: f.default for f in fields(config) if f.name in names}


def groups_of(config: object) -> Iterator[object]:
    """Yield a configuration, and those that are nested in it."""
    yield config
    for field in fields(config):  # type: ignore[arg-type]
        if is_dataclass(nested := getattr(config, field.name)):
            yield from groups_of(nested)


def changed_flags(config: object) -> dict[str, Any]:
    """Return the flags of a configuration that differ from their defaults, nested ones too."""
    return {
        name: value
        for group in groups_of(config)
        for name, default in defaults_of(type(group)).items()
        if (value := getattr(group, name)) != default
    }

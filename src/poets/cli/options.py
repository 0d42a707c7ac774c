"""Options of a command, made from the flags of a configuration."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

import click

from poets.config.flags import Flag, defaults_of, flags_of

F = TypeVar("F", bound=Callable[..., object])
C = TypeVar("C")
_TYPES: dict[type, click.ParamType[Any]] = {
    int: click.INT,
    float: click.FLOAT,
    str: click.STRING,
}
_UNGROUPED = "Other"
_METAVARS = {int: "N", float: "X", Path: "PATH", str: "NAME"}


class FlagOption(click.Option):
    """An option that takes `--both_spellings` and `--both-spellings`, and shows one."""

    def __init__(self, names: Sequence[str], group: str, **settings: Any) -> None:  # noqa: ANN401
        (name,) = (name.removeprefix("--") for name in names)
        spellings = dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}"))
        super().__init__([*spellings, name], **settings)
        self.group = group

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Show the codelab's spelling alone."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        metavar = "" if self.is_flag else f" {self.make_metavar(ctx)}"
        return f"{self.opts[0]}{metavar}", record[1]


class FlagCommand(click.Command):
    """A command whose help lists its options by group."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group, in the order of the options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                groups.setdefault(getattr(param, "group", _UNGROUPED), []).append(record)
        for group in sorted(groups, key=lambda name: name == _UNGROUPED):
            with formatter.section(group):
                formatter.write_dl(groups[group], col_max=36)


def flag_options(
    groups: Mapping[str, tuple[type, ...]], leave_out: Collection[str] = ()
) -> Callable[[F], F]:
    """Return a decorator that gives a command the flags of each group's configurations."""
    made = [
        option
        for group, configs in groups.items()
        for config in configs
        for option in _options_of(config, group)
        if option.name not in leave_out
    ]

    def decorate(function: F) -> F:
        for option in reversed(made):  # click lists the decorator that stands last first
            function.__dict__.setdefault("__click_params__", []).append(option)
        return function

    return decorate


def build(config: type[C], values: Mapping[str, Any], **parts: Any) -> C:  # noqa: ANN401
    """Make a configuration from a command's values and its nested parts."""
    flags = {name: values[name] for name, _, _ in flags_of(config)}
    return config(**flags, **parts)


def _options_of(config: type, group: str) -> Iterator[FlagOption]:
    defaults = defaults_of(config)
    for name, hint, flag in flags_of(config):
        default = defaults[name]
        kind = next(k for k in get_args(hint) or (hint,) if k is not NoneType)
        yield FlagOption(
            [name],
            group,
            help=flag.help,
            type=_type(kind, flag),
            # To click, a plain False, or a default of None, says that the value may be left out.
            is_flag=True if kind is bool else None,
            **({"required": True} if default is MISSING else {"default": default}),
            show_default=kind is not bool and default not in {MISSING, None, ""},
            metavar=None if flag.choices else _METAVARS.get(kind),
        )


def _type(kind: type, flag: Flag) -> click.ParamType[Any] | None:
    if flag.choices:
        return click.Choice(flag.choices, case_sensitive=False)
    if kind is Path:
        return UserPath()
    return _TYPES.get(kind)


class UserPath(click.Path):
    """A path in which `~` is the home folder, also behind `--flag=`, where shells leave it."""

    name = "path"

    def __init__(self) -> None:
        # Whoever reads it says what that means: one unreadable picture stops no others.
        super().__init__(path_type=Path, readable=False)

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Expand what click makes of the value; an empty one is a shell's unset variable."""
        if value == "":
            self.fail("an empty path names nothing.", param, ctx)
        # Not Path.expanduser(): that one raises where there is no such user.
        return super().convert(os.path.expanduser(value), param, ctx)  # noqa: PTH111

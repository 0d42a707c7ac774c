"""The command line that repeats a run."""

import shlex
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from poets.config.flags import defaults_of, flags_of


def command_line(words: tuple[str, ...], *configs: object) -> str:
    """Return a line for a POSIX shell: the words, and each flag that differs from its default."""
    flags = [word for config in configs for word in flag_words(config)]
    return shlex.join([*words, *flags])


def flag_words(config: object) -> Iterator[str]:
    """Yield the flags of a configuration and of those that are nested in it."""
    defaults = defaults_of(type(config))
    for name, _, _ in flags_of(type(config)):
        value = getattr(config, name)
        if value == defaults[name]:
            continue
        if value is True:
            yield f"--{name}"
        elif value is not None and value is not False:
            # In one word where a value would pass for a flag.
            yield from [f"--{name}={value}"] if str(value)[:1] == "-" else [f"--{name}", str(value)]
    for field in fields(config):  # type: ignore[arg-type]
        if is_dataclass(nested := getattr(config, field.name)):
            yield from flag_words(nested)

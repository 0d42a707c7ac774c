"""The command line that repeats a run."""

import shlex
from collections.abc import Iterator

from poets.config.flags import changed_flags


def command_line(words: tuple[str, ...], *configs: object) -> str:
    """Return a line for a POSIX shell: the words, and each flag that differs from its default."""
    flags = [word for config in configs for word in _flag_words(config)]
    return shlex.join([*words, *flags])


def _flag_words(config: object) -> Iterator[str]:
    for name, value in changed_flags(config).items():
        if value is True:
            yield f"--{name}"
        elif value is not None and value is not False:
            # In one word where a value would pass for a flag.
            yield from [f"--{name}={value}"] if str(value)[:1] == "-" else [f"--{name}", str(value)]

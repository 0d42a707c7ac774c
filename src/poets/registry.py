"""Look-up in tables of plain data, with a suggestion for a name that is not there."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from typing import Any


def load(target: str) -> Any:  # noqa: ANN401 - the caller knows what its table holds
    """Import what a table names as "module:attribute"."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'X'?" for the nearest known name, or "" where none is near."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{matches[0]}'?" if matches else ""

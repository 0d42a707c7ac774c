"""Look-up in tables of plain data, with a suggestion for a name that is not there."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from importlib import import_module
from typing import Any

_TELLING = 4  # letters of a piece that tells which name is meant


def load(target: str) -> Any:  # noqa: ANN401 - the caller knows what its table holds
    """Import what a table names as "module:attribute"."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'X'?" for the nearest known name, or "" where none is near.

    Case makes no difference, and a name that holds the whole of what was typed is near; of names
    that are equally near, the longest piece in common decides.
    """
    name = name.casefold()
    as_known = {other.casefold(): other for other in known}
    near = get_close_matches(name, as_known, n=5, cutoff=0.6)
    if not near and len(name) >= _TELLING:
        near = [other for other in as_known if name in other]

    def nearness(other: str) -> tuple[float, int]:
        match = SequenceMatcher(None, other, name)
        return match.ratio(), match.find_longest_match().size

    return f" Did you mean '{as_known[max(near, key=nearness)]}'?" if near else ""

from collections.abc import Iterator

import pytest

from poets import errors
from poets.decode import UnreadableImageError
from poets.errors import PoetsError


def tree(root: type[PoetsError]) -> Iterator[type[PoetsError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def test_an_error_says_what_went_wrong_and_keeps_the_remedy_apart() -> None:
    error = PoetsError("It went wrong.", hint="Do better.")

    assert str(error) == "It went wrong."
    assert error.hint == "Do better."
    assert PoetsError("It went wrong.").hint == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.OutputError, 2),
        (errors.DataError, 3),
        (UnreadableImageError, 3),
        (errors.ModelError, 4),
        (errors.UnavailableError, 4),
        (errors.AccuracyError, 5),
    ],
)
def test_scripts_can_tell_the_kinds_apart(kind: type[PoetsError], code: int) -> None:
    assert kind("").exit_code == code


def test_the_exit_code_of_bugs_is_that_of_no_error_here() -> None:
    kinds = {kind for kind in tree(PoetsError) if kind.__module__ == errors.__name__}
    kinds -= {PoetsError}

    assert {kind.exit_code for kind in kinds} == {2, 3, 4, 5}


def test_an_interrupted_command_leaves_as_shells_expect() -> None:
    assert errors.EXIT_INTERRUPTED == 130

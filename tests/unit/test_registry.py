import pytest

from poets.registry import did_you_mean, load


def test_a_target_is_imported_when_it_is_asked_for() -> None:
    assert load("string:ascii_lowercase") == "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("target", "error"),
    [("string:no_such_thing", AttributeError), ("no_such_module:thing", ModuleNotFoundError)],
)
def test_a_wrong_target_is_a_bug_not_an_error_of_the_user(
    target: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match="no_such"):
        load(target)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("mobilnet_0.50_224", " Did you mean 'mobilenet_0.50_224'?"),
        ("flowrs", " Did you mean 'flowers'?"),
        ("flowers", " Did you mean 'flowers'?"),
        ("MOBILENET_0.50_224", " Did you mean 'mobilenet_0.50_224'?"),
        ("mobilenet_0.5_224", " Did you mean 'mobilenet_0.50_224'?"),
        ("mobilenet_0.5_128", " Did you mean 'mobilenet_0.25_128'?"),
        ("net_", " Did you mean 'mobilenet_0.75_224'?"),
        ("net", ""),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_suggested_and_none_where_none_is_near(
    name: str, suggestion: str
) -> None:
    widths = ("mobilenet_0.75_224", "mobilenet_0.50_224", "mobilenet_0.25_224")
    known = iter([*widths, "mobilenet_0.25_128", "flowers", "flour"])

    assert did_you_mean(name, known) == suggestion


def test_nothing_is_suggested_where_nothing_is_known() -> None:
    assert did_you_mean("daisy", []) == ""

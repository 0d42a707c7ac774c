"""The flags on the command line: both spellings, one help, the values that configurations hold."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import click
import pytest

from poets.cli import retrain as retrain_command
from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.distort import DistortConfig
from poets.config.flags import Flag, FlagGroup, flags_of
from poets.config.output import OutputConfig
from poets.config.report import ReportConfig
from poets.config.train import TrainConfig
from tests.support.calling import Called, call

CONFIGS = (
    *(DataConfig, SplitConfig, BackboneConfig, DistortConfig),
    *(TrainConfig, OutputConfig, ReportConfig),
)
NAMES = [name for config in CONFIGS for name, _, _ in flags_of(config)]


@dataclass(frozen=True, kw_only=True)
class Garden(FlagGroup):
    """Flags of every kind."""

    where: Annotated[Path, Flag("Where it is.")]
    how_many: Annotated[int, Flag("How many plants.", 1, 9)] = 3
    share_of_light: Annotated[float, Flag("How much sun.")] = 0.5
    soil: Annotated[str, Flag("What it grows in.", choices=("SAND", "CLAY"))] = "SAND"
    with_fence: Annotated[bool, Flag("Put a fence around it.")] = False
    gate: Annotated[Path | None, Flag("Where one enters.")] = None


@click.command("garden", cls=FlagCommand, context_settings=CONTEXT)
@click.option("--part", help="Which part.")
@flag_options({"Plants": (Garden,)})
def garden(part: str | None, **values: Any) -> None:  # noqa: ANN401
    made = build(Garden, values)
    click.echo(repr((part, made)))


def made_by(*words: str) -> Garden:
    called = call(garden, *words)
    assert called.code == 0, called.err
    return eval(called.out, {"Garden": Garden, "PosixPath": Path})[1]  # type: ignore[no-any-return]


def refused(*words: str) -> str:
    called: Called = call(garden, *words)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("Error: ")
    return called.err


def test_every_kind_of_flag_reaches_its_field() -> None:
    words = (
        *("--where", "a b", "--how_many", "7", "--share_of_light", "0.25"),
        *("--soil", "clay", "--with_fence", "--gate=x/y"),
    )

    assert made_by(*words) == Garden(
        where=Path("a b"),
        how_many=7,
        share_of_light=0.25,
        soil="CLAY",
        with_fence=True,
        gate=Path("x/y"),
    )


def test_what_is_not_said_has_its_default() -> None:
    assert made_by("--where", "here") == Garden(where=Path("here"))


@pytest.mark.parametrize("spelling", ["--how_many", "--how-many"])
def test_both_spellings_mean_the_same(spelling: str) -> None:
    assert made_by("--where", "here", spelling, "5").how_many == 5
    assert made_by("--where", "here", f"{spelling}=5").how_many == 5


def test_the_last_word_counts() -> None:
    assert made_by("--where", "here", "--how_many", "5", "--how-many", "6").how_many == 6


def test_the_home_folder_is_meant_by_a_tilde_wherever_it_stands() -> None:
    made = made_by("--where=~/flowers", "--gate", "~")

    assert made.where == Path.home() / "flowers"
    assert made.gate == Path.home()


@pytest.mark.parametrize("name", ["~nobody_of_that_name/x", "a~b", "./~"])
def test_a_tilde_that_is_no_home_folder_is_a_name(name: str) -> None:
    assert made_by("--where", name).where == Path(name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--where is missing."),
        (("--where", ""), "--where: an empty path names nothing."),
        (("--where", "x", "--gate="), "--gate: an empty path"),
        (("--where", "x", "--how_many", "10"), "--how_many 10: it is from 1 to 9."),
        (("--where", "x", "--how_many", "many"), "--how_many: 'many' is not a valid int"),
        (("--where", "x", "--share_of_light", "nan"), "--share_of_light nan: it is a finite"),
        (("--where", "x", "--soil", "rock"), "--soil: "),
        (("--where", "x", "--how_man", "4"), "Did you mean '--how_many'?"),
        (("--where", "x", "--how-man", "4"), "Did you mean '--how-many'?"),
        (("--where", "x", "--with_fence", "yes"), "unexpected extra argument"),
        (("--where",), "requires an argument"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(words: tuple[str, ...], said: str) -> None:
    assert said in refused(*words)


def test_a_mistyped_flag_is_an_error_even_among_good_ones() -> None:
    error = refused("--where", "x", "--hwo_many", "4", "--with_fence")

    assert "no such option '--hwo_many'" in error
    assert "garden --help" in error


def test_help_lists_each_flag_once_by_group_with_its_default() -> None:
    text = call(garden, "--help").out

    assert re.findall(r"^\S.*:$", text, re.MULTILINE) == ["Plants:", "Other:"]
    for name, _, flag in flags_of(Garden):
        assert text.count(f"--{name}") == 1
        assert flag.help in " ".join(text.split())
    assert "--how-many" not in text
    assert "[default: 3]" in text
    assert "[sand|clay]" in text
    assert "[required]" in text


def test_retrain_takes_every_flag_in_both_spellings() -> None:
    options = {word for param in retrain_command.command.params for word in param.opts}

    for name in NAMES:
        assert {f"--{name}", f"--{name.replace('_', '-')}"} <= options


def test_retrain_s_help_names_every_flag_once() -> None:
    text = call(retrain_command.command, "-h").out

    for name in NAMES:
        assert len(re.findall(rf"^  --{name}\b", text, re.MULTILINE)) == 1
    assert max(map(len, text.splitlines())) <= 100


def test_a_path_in_a_configuration_may_be_of_any_kind() -> None:
    assert UserPath().convert("a\nb", None, None) == Path("a\nb")

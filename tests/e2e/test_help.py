"""What --help says, as files that people have read, and what the shell completes."""

from pathlib import Path

import pytest

from tests.support.commands import TOP, run_in

HELP = {"retrain": "retrain_help.txt", "label-image": "label_image_help.txt"}


@pytest.mark.parametrize("command", HELP)
def test_the_help_is_the_one_that_was_read(command: str, tmp_path: Path) -> None:
    """After a change: COLUMNS=80 retrain --help > tests/data/retrain_help.txt, and read it."""
    output = run_in(tmp_path, command, "--help", COLUMNS="80")
    assert output.stdout == (TOP / "tests" / "data" / HELP[command]).read_text(encoding="utf-8")
    assert output.returncode == 0


def test_the_codelabs_spelling_asks_for_the_same_help() -> None:
    python = run_in(TOP, "python", "-m", "scripts.retrain", "-h", COLUMNS="80")
    assert python.returncode == 0, python.stderr
    usage, rest = python.stdout.split("\n", 1)
    assert usage.startswith("Usage: ")
    assert rest == (TOP / "tests" / "data" / HELP["retrain"]).read_text().split("\n", 1)[1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("retrain --how", "--how_many_training_steps"),
        ("label-image --sort", "--sort_into"),
        ("poets eval", "evaluate"),
    ],
)
def test_the_shell_completes_flags_and_commands(words: str, found: str, tmp_path: Path) -> None:
    command, _, _ = words.partition(" ")
    variable = f"_{command.upper().replace('-', '_')}_COMPLETE"
    asked = {variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "1"}
    assert found in run_in(tmp_path, command, **asked).stdout

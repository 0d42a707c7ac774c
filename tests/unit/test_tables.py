"""Small tables on standard output."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.cli.tables import accuracy_line, print_confusion, print_files, print_next, print_table
from poets.config.data import DataConfig
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.evaluation.scores import Evaluation


def evaluation_of(labels: tuple[str, ...], true: list[int], predicted: list[int]) -> Evaluation:
    probabilities = np.eye(len(labels), dtype=np.float32)[predicted].reshape(-1, len(labels))
    return Evaluation(labels, probabilities, np.array(true, dtype=np.int64))


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_columns_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("a", "1", "x"), ("long name", "1000", "y")], right=(1,))

    assert printed(capsys) == ["a             1  x", "long name  1000  y"]


def test_wide_letters_are_counted_as_terminals_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("牡丹", "1"), ("rose", "2")])

    assert printed(capsys) == ["牡丹  1", "rose  2"]


def test_nothing_is_cut_off_and_nothing_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    long = "a" * 1000

    print_table([(long, "[bold]x[/bold]", ":smile:")])

    assert printed(capsys) == [f"{long}  [bold]x[/bold]  :smile:"]


def test_a_row_is_one_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("a\nb\x1b[2J", "c")])

    assert printed(capsys) == ["a\\nb\\x1b[2J  c"]


def test_the_accuracy_comes_with_its_number_and_interval() -> None:
    evaluation = evaluation_of(("a", "b"), [0] * 52, [0] * 50 + [1] * 2)

    line = accuracy_line(evaluation)

    assert line == "Test accuracy 96.2 % (N=52), 95 % interval 87.0 to 98.9 %"


def test_of_no_test_pictures_no_accuracy_is_claimed() -> None:
    assert "unknown" in accuracy_line(evaluation_of(("a", "b"), [], []))


def test_the_confusion_has_true_labels_down_and_recall_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = ("daisy", "roses", "tulips")

    print_confusion(evaluation_of(labels, [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]))

    assert [line.split() for line in printed(capsys)] == [
        ["daisy", "roses", "tulips", "recall"],
        ["daisy", "2", "1", ".", "66.7"],
        ["roses", ".", "2", ".", "100.0"],
        ["tulips", ".", ".", ".", "-"],
    ]


def test_of_many_labels_the_commonest_mistakes_are_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = tuple(f"label{number:02}" for number in range(40))
    true = list(range(40)) + [3] * 5
    predicted = [*range(1, 40), 0, *[7] * 5]

    print_confusion(evaluation_of(labels, true, predicted))

    lines = printed(capsys)
    assert lines[0].split() == ["5", "label03", "taken", "for", "label07"]
    assert len(lines) == 10


def test_of_many_labels_without_a_mistake_nothing_is_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = tuple(f"label{number}" for number in range(40))

    print_confusion(evaluation_of(labels, list(range(40)), list(range(40))))

    assert printed(capsys) == []


def test_files_are_listed_with_their_sizes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "graph.pb").write_bytes(bytes(13_500_000))
    (tmp_path / "labels.txt").write_bytes(b"1234")

    print_files([(tmp_path / "graph.pb", "the graph"), (tmp_path / "labels.txt", "its labels")])

    first, second = printed(capsys)
    assert first.startswith("Saved      ")
    assert "13.5 MB  the graph" in first
    assert "4 bytes  its labels" in second


def test_what_comes_next_can_be_typed_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    config = RetrainConfig(data=DataConfig(image_dir=Path("flowers")))
    print_next(config)
    usual = printed(capsys)

    output = OutputConfig(output_graph=Path("my graphs/a.pb"), summaries_dir=Path("it's here"))
    print_next(replace(config, output=output))
    special = printed(capsys)

    assert any("label-image PHOTO ..." in line for line in usual)
    assert any("sh tensorboard.sh" in line for line in usual)
    assert any("open tf_files/report.html" in line for line in usual)
    assert any("open 'my graphs/report.html'" in line for line in special)
    assert any("label-image --graph 'my graphs/a.pb' PHOTO ..." in line for line in special)
    assert any("'it'\"'\"'s here'" in line for line in special)

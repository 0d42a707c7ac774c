"""What `retrain` is told about exports, with a backbone so small that TensorFlow is not needed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.errors import AccuracyError, OutputError, UsageError
from poets.manifest import read_zip_manifest
from poets.pipeline import retrain
from poets.report import Reporter
from tests.support.archives import tree
from tests.support.commands import run_in
from tests.support.processes import python
from tests.support.retraining import (
    config_in,
    flags_of,
    retrain_in,
    with_output,
    with_split,
)

LOADED = """
import sys
from poets.cli.retrain import command
command.main(sys.argv[1:], standalone_mode=False)
print("tensorflow" in sys.modules)
"""
MADE = ("graph.pb", "graph.tflite", "labels.txt")


def made_in(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in MADE if (folder / name).exists()}


def run(config: RetrainConfig) -> None:
    retrain(config, Reporter())


def mislabelled(folder: Path) -> RetrainConfig:
    """A folder in which each label has the pictures of every colour: nothing can be learned."""
    config = config_in(folder)
    pictures = sorted((folder / "images").rglob("*.png"))
    labels = sorted({picture.parent for picture in pictures})
    for index, picture in enumerate(pictures):
        picture.rename(labels[index % len(labels)] / picture.name)
    return config


def test_an_accuracy_above_the_gate_is_written(tmp_path: Path) -> None:
    run(with_output(config_in(tmp_path), assert_accuracy_at_least=1.0))

    assert set(made_in(tmp_path)) == set(MADE)


def test_below_the_gate_the_old_files_stay(tmp_path: Path) -> None:
    retrain_in(tmp_path)
    before = made_in(tmp_path)

    with pytest.raises(AccuracyError, match=r"is below --assert_accuracy_at_least 0\.9") as raised:
        run(with_output(mislabelled(tmp_path), assert_accuracy_at_least=0.9))

    assert raised.value.exit_code == 5
    assert made_in(tmp_path) == before


def test_below_the_gate_a_script_sees_exit_code_5_and_no_file(tmp_path: Path) -> None:
    flags = flags_of(mislabelled(tmp_path))

    said = run_in(tmp_path, "retrain", *flags, "--assert_accuracy_at_least", "0.9")

    assert said.returncode == 5
    assert "Error: the test accuracy of " in said.stderr
    assert made_in(tmp_path) == {}
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_accuracy_that_nobody_knows_passes_no_gate(tmp_path: Path) -> None:
    config = with_output(config_in(tmp_path), assert_accuracy_at_least=0.0)

    with pytest.raises(AccuracyError, match="the test accuracy is unknown"):
        run(with_split(config, testing=0, validation=10))

    assert made_in(tmp_path) == {}


@pytest.mark.parametrize("value", [-0.1, 1.5, 90.0, float("nan")])
def test_a_gate_is_a_share(value: float) -> None:
    with pytest.raises(UsageError, match="--assert_accuracy_at_least"):
        OutputConfig(assert_accuracy_at_least=value)


def test_what_is_asked_for_by_name_is_proved_and_says_so(tmp_path: Path) -> None:
    result = retrain(with_output(config_in(tmp_path), export="tflite"), Reporter())

    proof = result.published.proofs["tflite"]["scores"]
    manifest = read_zip_manifest(tmp_path / "graph.tflite")
    assert proof.pictures == result.evaluation.n > 0
    assert proof.max_difference < 1e-5
    assert manifest is not None
    assert manifest.export["scores"]["pictures"] == proof.pictures


def test_proving_the_tflite_takes_no_tensorflow(tmp_path: Path) -> None:
    flags = flags_of(config_in(tmp_path))

    said = python(LOADED, *flags, "--export", "tflite", folder=tmp_path)

    assert said.stdout.splitlines()[-1] == "False", said.stderr
    assert (tmp_path / "graph.tflite").exists()


def test_without_test_pictures_generated_ones_prove_it(tmp_path: Path) -> None:
    config = with_output(config_in(tmp_path), export="tflite")

    result = retrain(with_split(config, testing=0, validation=10), Reporter())

    proof = result.published.proofs["tflite"]["scores"]
    assert (proof.pictures, proof.accuracy) == (8, None)
    assert proof.max_difference < 1e-5


def test_a_warm_run_reads_no_picture(tmp_path: Path) -> None:
    retrain_in(tmp_path)
    before = made_in(tmp_path)
    for picture in (tmp_path / "images").rglob("*.png"):
        status = picture.stat()
        picture.write_bytes(bytes(status.st_size))
        os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))

    retrain_in(tmp_path)

    assert made_in(tmp_path) == before


def without_testing(config: RetrainConfig) -> RetrainConfig:
    return with_split(with_output(config, export="tflite_int8"), testing=0, validation=10)


def in_the_graphs_folder(config: RetrainConfig) -> RetrainConfig:
    return with_output(config, saved_model_dir=config.output.output_graph.parent)


def labels_in_the_onnx(config: RetrainConfig) -> RetrainConfig:
    place = config.output.output_graph.with_suffix(".onnx")
    return with_output(config, export="onnx", output_labels=place)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_testing, "tflite_int8: what it loses is measured on test pictures"),
        (in_the_graphs_folder, "lie one in the other"),
        (labels_in_the_onnx, "the labels file and onnx are both to be written"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    tmp_path: Path, change: Callable[[RetrainConfig], RetrainConfig], message: str
) -> None:
    config = change(config_in(tmp_path))

    with pytest.raises(UsageError, match=message):
        run(config)

    assert not config.backbone.bottleneck_dir.exists()
    assert made_in(tmp_path) == {}


def test_somebody_elses_folder_is_no_place_for_a_saved_model(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "saved_model.pb").write_text("a model of other people")
    before = tree(tmp_path / "mine")

    with pytest.raises(OutputError, match=r"mine has files in it .* it is left alone"):
        run(with_output(config_in(tmp_path), saved_model_dir=tmp_path / "mine"))

    assert tree(tmp_path / "mine") == before
    assert made_in(tmp_path) == {}

"""What runs every day does not load TensorFlow; what only asks loads nothing slow."""

import sys
from pathlib import Path

import pytest

from tests.support.commands import run_in
from tests.support.desk import Desk

PROGRAM = """
import sys
from importlib import import_module
module, *words = sys.argv[1:]
try:
    import_module(module).command.main(words, standalone_mode=False)
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(folder: Path, module: str, *words: str | Path) -> set[str]:
    """Run a command and return the top-level modules that it loaded."""
    output = run_in(folder, sys.executable, "-c", PROGRAM, f"poets.cli.{module}", *words)
    assert output.returncode == 0, output.stderr
    return set(output.stderr.splitlines()[-1].removeprefix("loaded: ").split())


def test_a_warm_retrain_ends_without_tensorflow(used_desk: Desk) -> None:
    used_desk.retrain()
    before = used_desk.results()
    modules = loaded(used_desk.folder, "retrain", *used_desk.arguments()[1:])
    assert {"numpy", "PIL", "ai_edge_litert", "tensorboard"} <= modules
    assert {"tensorflow", "keras", "tensorflow_hub"}.isdisjoint(modules)
    assert used_desk.results() == before


def test_a_network_of_pixels_is_made_without_tensorflow(desk: Desk) -> None:
    words = desk.arguments("--architecture", "pixels_8_gray", "--model_dir", "tf_files/models")
    modules = loaded(desk.folder, "retrain", *words[1:])
    assert {"tensorflow", "keras", "tensorflow_hub"}.isdisjoint(modules)
    assert desk.graph.is_file()


@pytest.mark.parametrize("suffix", [".pb", ".tflite"])
def test_label_image_ends_without_tensorflow(suffix: str, used_desk: Desk) -> None:
    graph = used_desk.graph.with_suffix(suffix)
    pictures = sorted(used_desk.pictures.rglob("*.png"))
    modules = loaded(used_desk.folder, "label_image", "--graph", graph, *pictures)
    assert {"numpy", "PIL", "ai_edge_litert"} <= modules
    assert {"tensorflow", "keras", "tensorboard", "rich"}.isdisjoint(modules)


@pytest.mark.parametrize("module", ["retrain", "label_image", "poets"])
def test_help_loads_nothing_slow(module: str, tmp_path: Path) -> None:
    modules = loaded(tmp_path, module, "--help")
    slow = {"numpy", "PIL", "tensorflow", "ai_edge_litert", "tensorboard", "sqlite3", "rich"}
    assert slow.isdisjoint(modules)

"""Who may import whom, and what must not be loaded: the rows of the package, top to bottom."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import TOP
from tests.support.processes import python

SOURCE = TOP / "src"
TENSORFLOW_ROW = 4
TENSORFLOW = (  # reached by their names in tables only
    "poets.backbones.cnn",
    "poets.backbones.compile",
    "poets.backbones.efficientnet_lite",
    "poets.backbones.eight_bit",
    "poets.backbones.frozen_archive",
    "poets.backbones.hub_module",
    "poets.backbones.inception",
    "poets.backbones.keras_applications",
    "poets.backbones.old_graph",
    "poets.backbones.quiet_tensorflow",
    "poets.export.decoding",
    "poets.export.eight_bit_tflite",
    "poets.export.joined",
    "poets.export.keras",
    "poets.export.keras_affine",
    "poets.export.keras_layers",
    "poets.export.onnx",
    "poets.export.saved_model",
    "poets.export.tflite",
    "poets.finetune.augment",
    "poets.finetune.blocks",
    "poets.finetune.devices",
    "poets.finetune.epochs",
    "poets.finetune.network",
    "poets.finetune.scratch",
    "poets.finetune.tuning",
    "poets.runtimes.frozen_graph",
    "poets.runtimes.graph_inner",
)
# A module imports its own row or an upper one. The longest name that fits counts.
ROWS = {
    "poets": 1,
    "poets.config": 1,
    "poets.errors": 1,
    "poets.export.table": 1,
    "poets.files": 1,
    "poets.labelling.config": 1,
    "poets.labels": 1,
    "poets.locks": 1,
    "poets.parallel": 1,
    "poets.quiet": 1,
    "poets.registry": 1,
    "poets.report": 1,
    # NumPy and Pillow, and the messages of TensorFlow's protobufs
    "poets.dataset": 2,
    "poets.datasets": 2,
    "poets.decode": 2,
    "poets.distort": 2,
    "poets.graph_ops": 2,
    "poets.images": 2,
    "poets.manifest": 2,
    "poets.network": 2,
    "poets.picture": 2,
    "poets.preprocess": 2,
    "poets.split": 2,
    "poets.unknown": 2,
    # LiteRT, SQLite
    "poets.api": 3,
    "poets.backbones": 3,
    "poets.checkpoint": 3,
    "poets.classifier": 3,
    "poets.evaluation": 3,
    "poets.export": 3,
    "poets.features": 3,
    "poets.finetune": 3,
    "poets.heads": 3,
    "poets.heatmap": 3,
    "poets.labelling": 3,
    "poets.page": 3,
    "poets.predict": 3,
    "poets.runtimes": 3,
    "poets.summaries": 3,
    "poets.tensorboard": 3,
    "poets.train": 3,
    # TensorFlow
    **dict.fromkeys(TENSORFLOW, TENSORFLOW_ROW),
    "poets.check": 5,
    "poets.stages": 5,
    "poets.pipeline": 5,
    "poets.cli": 6,
}
SLOW = ("tensorflow", "keras", "tf_keras", "tensorflow_hub")

LOADED = """
import importlib, json, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps(sorted(set(sys.argv[1].split(",")) & set(sys.modules))))
"""
HELP = """
import json, sys
module, *words = sys.argv[1:]
sys.argv = ["command", *words]
main = __import__(module, fromlist=["main"]).main
try:
    main()
except SystemExit as ended:
    code = ended.code
slow = {"numpy", "PIL", "tensorflow", "keras", "rich", "tensorboard", "ai_edge_litert", "sqlite3"}
print("\\n" + json.dumps([code, sorted(slow & set(sys.modules))]))
"""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((SOURCE / "poets").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


MODULES = dict(modules())


def row_of(module: str) -> int:
    name = module
    while name not in ROWS:
        name = name.rpartition(".")[0]
    return ROWS[name]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of this package that a module imports, also inside its functions."""
    for node in ast.iter_child_nodes(tree):
        if is_for_types(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base
            yield from (name for a in node.names if (name := f"{base}.{a.name}") in MODULES)
        else:
            yield from imported(node)


def upper_modules() -> list[str]:
    return [name for name in MODULES if row_of(name) < TENSORFLOW_ROW]


def test_every_place_in_the_package_has_a_row() -> None:
    top = {name.split(".")[1] for name in MODULES if "." in name}

    assert {f"poets.{name}" for name in top} <= ROWS.keys()
    assert {name for name in ROWS if not any(m == name for m in MODULES)} == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_a_lower_row(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())

    lower = {
        name
        for name in imported(tree)
        if name.split(".")[0] == "poets" and row_of(name) > row_of(module)
    }

    assert lower == set()


def test_imports_are_seen_wherever_they_stand() -> None:
    tree = ast.parse(
        "import poets.errors\n"
        "from poets import pipeline\n"
        "if TYPE_CHECKING:\n    from poets.cli.app import run\n"
        "def f():\n    try:\n        from poets.config import Flag\n    finally:\n        pass\n"
    )

    assert {name for name in imported(tree) if name != "poets"} == {
        *("poets.errors", "poets.pipeline", "poets.config"),
    }


def test_the_upper_rows_load_without_tensorflow(tmp_path: Path) -> None:
    said = python(LOADED, ",".join(SLOW), *upper_modules(), folder=tmp_path)

    assert said.stderr == ""
    assert json.loads(said.stdout) == []


def test_the_first_row_needs_the_standard_library_only(tmp_path: Path) -> None:
    first = [name for name in MODULES if row_of(name) == 1]

    said = python(LOADED, "numpy,PIL,click,rich,google", *first, folder=tmp_path)

    assert said.stderr == ""
    assert json.loads(said.stdout) == []


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("poets.cli.retrain", ("--help",)),
        ("poets.cli.label_image", ("--help",)),
        ("poets.cli.poets", ("--help",)),
        ("poets.cli.poets", ("--version",)),
        ("poets.cli.retrain", ("--no_such_flag",)),
    ],
)
def test_help_loads_nothing_slow(tmp_path: Path, module: str, words: tuple[str, ...]) -> None:
    said = python(HELP, module, *words, folder=tmp_path)

    code, slow = json.loads(said.stdout.splitlines()[-1])
    assert code == (2 if "--no_such_flag" in words else 0)
    assert slow == []


def test_no_module_is_larger_than_a_reader_can_hold() -> None:
    assert {
        name for name, path in MODULES.items() if len(path.read_text().splitlines()) > 300
    } == set()

"""The table of exports: what its rows name exists, and whoever asks for another is helped."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from poets.config.output import OutputConfig
from poets.errors import OutputError, UsageError
from poets.export.config import ExportConfig
from poets.export.table import ALWAYS, EXPORTERS, Exporter, find_exporters
from poets.export.targets import check_places, check_targets
from tests.support.commands import TOP

GRAPH = Path("tf_files/retrained_graph.pb")


def documented_table() -> list[str]:
    lines = (TOP / "docs" / "exports.md").read_text().splitlines()
    return [line for line in lines if line.startswith("| `")]


def row(exporter: Exporter) -> str:
    place = f"{exporter.place(GRAPH).name}{'/' if exporter.folder else ''}"
    numbers = "reduced" if exporter.reduced else "all"
    return f"| `{exporter.name}` | `{place}` | {exporter.description} | {numbers} |"


def test_the_documented_table_is_the_table() -> None:
    assert documented_table() == [row(exporter) for exporter in EXPORTERS.values()]


@pytest.mark.parametrize("part", ["write", "attach", "open"])
@pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=EXPORTERS)
def test_every_function_that_a_row_names_is_there(exporter: Exporter, part: str) -> None:
    module, _, function = getattr(exporter, part).partition(":")
    tree = ast.parse((TOP / "src" / Path(*module.split("."))).with_suffix(".py").read_text())

    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_export_has_a_place_of_its_own() -> None:
    places = [exporter.place(GRAPH) for exporter in EXPORTERS.values()]

    assert len(set(places)) == len(places)
    assert {place.parent for place in places} == {GRAPH.parent}
    assert EXPORTERS["pb"].place(Path("model.graph")) == Path("model.graph")
    assert EXPORTERS["tflite"].place(Path("a.b.pb")) == Path("a.b.tflite")


def test_names_may_have_spaces_around_them_and_come_twice() -> None:
    found = find_exporters(" onnx, pb,,onnx ")

    assert [exporter.name for exporter in found] == ["onnx", "pb"]
    assert find_exporters("") == ()


@pytest.mark.parametrize(
    ("name", "near"),
    [("onx", "onnx"), ("int8", "tflite_int8"), ("savedmodel", "saved_model"), ("Keras", "keras")],
)
def test_an_unknown_name_gets_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"no export '{name}'.*'{near}'") as raised:
        OutputConfig(export=f"pb,{name}")

    assert all(known in raised.value.hint for known in EXPORTERS)


def test_a_name_that_is_like_none_gets_no_suggestion() -> None:
    with pytest.raises(UsageError, match=r"^no export 'nosuch'\.$"):
        OutputConfig(export="nosuch")


def test_an_export_of_nothing_is_no_export() -> None:
    with pytest.raises(UsageError, match="--to names no export"):
        ExportConfig(to=" , ")


def test_a_folder_for_the_saved_model_asks_for_one() -> None:
    assert [e.name for e in OutputConfig(saved_model_dir=Path("m")).exporters] == ["saved_model"]
    both = OutputConfig(saved_model_dir=Path("m"), export="saved_model,pb")
    assert [exporter.name for exporter in both.exporters] == ["saved_model", "pb"]
    assert OutputConfig().exporters == ()


def test_what_every_run_writes_keeps_all_numbers() -> None:
    assert all(not EXPORTERS[name].reduced and not EXPORTERS[name].modules for name in ALWAYS)


def test_a_package_that_is_missing_is_named_with_its_extra() -> None:
    exporter = replace(EXPORTERS["onnx"], modules=("numpy", "no_such_module_here"))

    with pytest.raises(UsageError, match="onnx needs no_such_module_here") as raised:
        check_targets([(exporter, Path("graph.onnx"))])

    assert raised.value.hint == "pip install 'poets[onnx]'"


def test_two_outputs_cannot_share_a_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "graph.onnx")

    with pytest.raises(UsageError, match="labels and onnx are both to be written"):
        check_places([("onnx", tmp_path / "graph.onnx"), ("labels", tmp_path / "link")])
    with pytest.raises(UsageError, match="one in the other"):
        check_places([("pb", tmp_path / "a" / "graph.pb"), ("saved_model", tmp_path / "a")])


def test_a_place_that_is_a_folder_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "graph.onnx").mkdir()

    with pytest.raises(OutputError, match="is a folder"):
        check_targets([(EXPORTERS["onnx"], tmp_path / "graph.onnx")])

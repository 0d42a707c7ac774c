"""Modules of TensorFlow Hub of both formats: made, served, brought here and frozen."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.compiled import Backbone, open_backbone
from poets.backbones.hub import open_module
from poets.backbones.hub_module import make
from poets.backbones.quiet_tensorflow import tf
from poets.errors import ModelError
from poets.export.frozen_graph import read_graph
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray
from poets.report import Reporter
from tests.golden.test_backbones import run_pb, run_tflite
from tests.support.archives import tree
from tests.support.http import Resource, serve
from tests.support.hub_modules import (
    FEATURE_SIZE,
    MODULES,
    SIZE,
    features_of,
    save_callable,
    save_function,
    save_with_initializer,
)
from tests.support.modules import archive_of


def pictures() -> FloatArray:
    rng = np.random.default_rng(1)
    return rng.uniform(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)


def compiled(handle: str | Path, model_dir: Path) -> Backbone:
    spec = open_module(str(handle), SIZE, model_dir, Reporter())
    return open_backbone(spec, model_dir, Reporter())


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    MODULES[str(request.param)](folder)
    return folder


def test_a_module_from_the_web_gives_its_features_without_tensorflow_hub(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)
    with serve(module=Resource(archive_of(module))) as site:
        backbone = compiled(f"{site.url}/module", tmp_path / "models")

    assert backbone.feature_size == FEATURE_SIZE
    images = backbone.preprocess.normalize(pictures())
    assert 0 <= images.min() < images.max() <= 1
    expected = features_of(images)
    graph = read_graph(backbone.graph_path)
    check_ops(graph, module)
    assert not graph.library.function
    np.testing.assert_allclose(run_pb(backbone.graph_path, images), expected, atol=1e-5)
    np.testing.assert_allclose(run_tflite(backbone.tflite_path, images), expected, atol=1e-5)


def test_tensorflow_hub_finds_what_was_downloaded_and_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tensorflow_hub  # noqa: PLC0415 - it warns of what it imports

    save_callable(tmp_path / "module")
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    content = archive_of(tmp_path / "module")
    with serve(ours=Resource(content), theirs=Resource(content)) as site:
        spec = open_module(f"{site.url}/ours", 0, tmp_path, Reporter())
        resolved = tensorflow_hub.resolve(f"{site.url}/ours")
        assert Path(resolved) == spec.source.fetch(tmp_path, Reporter())
        resolved = tensorflow_hub.resolve(f"{site.url}/theirs")
        spec = open_module(f"{site.url}/theirs", 0, tmp_path, Reporter())
        assert Path(resolved) == spec.source.fetch(tmp_path, Reporter())
        assert len(site.ranges) == 2


def test_making_a_module_changes_nothing_in_it(module: Path, tmp_path: Path) -> None:
    before = tree(module)
    compiled(module, tmp_path)
    assert tree(module) == before


# Modules that do more than they should


def saved(tmp_path: Path, action: str) -> Path:
    """Save a module that tries something with a file when it is loaded or used."""
    folder, target = tmp_path / "module", str(tmp_path / "target")
    v1 = tf.compat.v1
    if action == "writes when used":
        save_function(folder, lambda images: _after(tf.io.write_file(target, "gotcha"), images))
    elif action == "reads when used":
        save_function(folder, lambda images: images[:, 0, 0] + _length_of(__file__))
    elif action == "runs python when used":
        save_function(folder, lambda images: _python(images, target))
    elif action == "writes when loaded":
        save_with_initializer(folder, lambda: tf.io.write_file(target, "gotcha"))
    else:
        assert action == "saves when loaded"
        save_with_initializer(
            folder,
            lambda: tf.raw_ops.SaveV2(
                prefix=target, tensor_names=["x"], shape_and_slices=[""], tensors=[v1.constant(1.0)]
            ),
        )
    return folder


def _after(operation: tf.Operation, images: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies([operation]):
        return tf.identity(images[:, 0, 0])


def _length_of(path: str) -> tf.Tensor:
    return tf.cast(tf.strings.length(tf.io.read_file(path)), tf.float32)


def _python(images: tf.Tensor, target: str) -> tf.Tensor:
    def work(values: tf.Tensor) -> tf.Tensor:
        Path(target).write_text("gotcha")
        return values

    return tf.ensure_shape(tf.numpy_function(work, [images[:, 0, 0]], tf.float32), [None, 3])


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("writes when used", "WriteFile, which can write"),
        ("reads when used", "ReadFile, which can read"),
        ("runs python when used", "PyFunc, which can run Python"),
        ("writes when loaded", "WriteFile, which can write"),
    ],
)
def test_a_module_that_reaches_for_files_is_refused_before_it_runs(
    action: str, reason: str, tmp_path: Path
) -> None:
    folder = saved(tmp_path, action)
    (tmp_path / "target").unlink(missing_ok=True)
    with pytest.raises(ModelError, match=reason):
        compiled(folder, tmp_path / "models")
    assert not (tmp_path / "target").exists()


def test_saving_is_taken_out_of_a_module_before_it_is_loaded(tmp_path: Path) -> None:
    """Every module has the operations that save its variables; one may also misuse them."""
    folder = saved(tmp_path, "saves when loaded")
    backbone = compiled(folder, tmp_path / "models")
    assert backbone.feature_size == FEATURE_SIZE
    assert not list(tmp_path.glob("target*"))


# Modules that are broken

OF_EACH_FORMAT = pytest.mark.parametrize(
    "module", ["callable", "reference variables"], indirect=True
)


@OF_EACH_FORMAT
@pytest.mark.parametrize("file", ["variables.index", "variables.data-00000-of-00001"])
def test_damaged_variables_are_named(module: Path, tmp_path: Path, file: str) -> None:
    path = module / "variables" / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match="module cannot be used") as caught:
        compiled(module, tmp_path)
    assert caught.value.hint


@OF_EACH_FORMAT
def test_missing_variables_are_named(module: Path, tmp_path: Path) -> None:
    shutil.rmtree(module / "variables")
    with pytest.raises(ModelError, match="module cannot be used"):
        compiled(module, tmp_path)


@OF_EACH_FORMAT
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_graph_is_named(module: Path, tmp_path: Path, share: float) -> None:
    path = module / "saved_model.pb"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ModelError, match=r"saved_model\.pb|module cannot be used"):
        compiled(module, tmp_path)


def test_a_module_with_several_outputs_must_name_the_one_for_features(tmp_path: Path) -> None:
    save_function(tmp_path / "module", lambda images: {"a": images[:, 0, 0], "b": images[:, 1, 1]})
    with pytest.raises(ModelError, match="2 outputs, none of them named 'default'"):
        compiled(tmp_path / "module", tmp_path)


def test_a_module_whose_output_is_no_vector_is_refused(tmp_path: Path) -> None:
    save_function(tmp_path / "module", tf.reduce_sum)
    with pytest.raises(ModelError, match="a vector a picture"):
        compiled(tmp_path / "module", tmp_path)


def test_a_module_for_text_is_refused(tmp_path: Path) -> None:
    module = tf.Module()
    words = tf.TensorSpec([None], tf.string)
    module.__call__ = tf.function(tf.strings.length, input_signature=[words])
    tf.saved_model.save(module, str(tmp_path / "module"))
    with pytest.raises(ModelError, match="module cannot be used"):
        compiled(tmp_path / "module", tmp_path)


def test_a_folder_that_lost_its_module_is_named(tmp_path: Path) -> None:
    save_callable(tmp_path / "module")
    spec = open_module(str(tmp_path / "module"), 0, tmp_path, Reporter())
    (tmp_path / "module" / "saved_model.pb").unlink()
    with pytest.raises(ModelError, match=r"saved_model\.pb"):
        make(spec, tmp_path / "module")

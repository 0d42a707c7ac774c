"""A module of TensorFlow Hub, of either format, as a frozen graph."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from poets.backbones.compile import FrozenBackbone, freeze
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.saved_model import (
    HINT,
    SAVED_MODEL_FILE,
    SavedModel,
    read_saved_model,
    without_saving,
)
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources, which warns of its end
    try:
        import tensorflow_hub
    except ImportError as error:
        hint = "pip install 'setuptools<82' tensorflow-hub"
        raise ModelError("tensorflow-hub cannot be imported.", hint=hint) from error

Network = Callable[[tf.Tensor], tf.Tensor]

_OUTPUTS = ("default", "feature_vector")  # of a signature with several


def make(spec: BackboneSpec, folder: Path) -> FrozenBackbone:
    """Freeze the module's network; raises ModelError where it cannot be run, or must not be."""
    model = read_saved_model(folder)
    if model.picture is None and not model.objects:
        raise ModelError(f"{folder}: no signature of it takes pictures.", hint=HINT)
    load = _load_objects if model.objects else _load_graph
    with _harmless(folder) as copy:
        try:
            network = load(copy, model)
            return freeze(lambda image: _pooled(network(image)), spec.preprocess)
        # TensorFlow says nearly anything of a module whose parts do not fit together.
        except Exception as error:
            reason = str(error).partition("\n")[0][:200]
            raise ModelError(f"{folder} cannot be used: {reason}", hint=HINT) from error


@contextmanager
def _harmless(folder: Path) -> Iterator[Path]:
    """Yield a copy of the module that can write nothing.

    Raises ModelError where it holds an operation that does more than compute and keep variables.
    """
    content = without_saving(folder)
    with tempfile.TemporaryDirectory(prefix="poets-") as made:
        copy = Path(made)
        (copy / SAVED_MODEL_FILE).write_bytes(content)
        for other in folder.iterdir():
            if other.name in {"variables", "assets", "tfhub_module.pb"}:
                (copy / other.name).symlink_to(other)
        yield copy


def _load_graph(copy: Path, model: SavedModel) -> Network:
    """Return a network of TensorFlow 1: a graph, whose variables a session restores."""
    assert model.picture is not None
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        loaded = tf.compat.v1.saved_model.load(session, list(model.tags), str(copy))
        signature = loaded.signature_def[model.picture.signature]
        output = _only(signature.outputs).name
        nodes = [output.partition(":")[0]]
        graph = tf.compat.v1.graph_util.convert_variables_to_constants(
            session, session.graph_def, nodes
        )
    entry = signature.inputs[model.picture.name].name
    return lambda image: tf.import_graph_def(graph, {entry: image}, [output], name="")[0]


def _load_objects(copy: Path, model: SavedModel) -> Network:
    """Return a network of TensorFlow 2: an object that can be called, or its signature."""
    module = tensorflow_hub.load(str(copy), tags=list(model.tags))
    if callable(module):
        return lambda image: _only(_call(module, image))
    if model.picture is None:
        raise ValueError("no signature of it takes pictures")
    picture = model.picture
    # Through the module each time: variables live only as long as it does.
    return lambda image: _only(module.signatures[picture.signature](**{picture.name: image}))


def _call(module: Callable[..., Any], image: tf.Tensor) -> Any:  # noqa: ANN401 - whatever it gives
    try:
        return module(image, training=False)
    except (TypeError, ValueError):  # it makes no such difference
        return module(image)


def _only(outputs: Any) -> Any:  # noqa: ANN401 - a tensor, or what names one
    """Return the output; where there are several, the one for features."""
    if isinstance(outputs, Mapping):
        named = [outputs[name] for name in _OUTPUTS if name in outputs]
        outputs = named[:1] or list(outputs.values())
    if isinstance(outputs, list | tuple):
        if len(outputs) != 1:
            raise ValueError(f"it has {len(outputs)} outputs, none of them named 'default'")
        (outputs,) = outputs
    return outputs


def _pooled(output: tf.Tensor) -> tf.Tensor:
    """Return f32[n, d]; a map of features is averaged."""
    values = tf.cast(output, tf.float32)
    return tf.reduce_mean(values, [1, 2]) if values.shape.rank == 4 else values

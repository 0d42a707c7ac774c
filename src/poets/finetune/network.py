"""A Keras network in two: what stays as it is, and the blocks that are trained."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from poets.backbones import efficientnet_lite, keras_applications
from poets.backbones.compile import FrozenBackbone, freeze
from poets.backbones.keras_table import KERAS_MODELS
from poets.backbones.quiet_tensorflow import keras, tf
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError, UsageError
from poets.finetune.blocks import cut_before
from poets.finetune.learned_file import Base, LearnedSource, read_learned
from poets.finetune.tunable import TUNABLE_HINT
from poets.preprocess import FloatArray
from poets.report import Reporter


@dataclass(frozen=True)
class Halves:
    """A network cut in two; `back` is what is trained."""

    front: Callable[[tf.Tensor], tf.Tensor]  # pictures to the maps at the cut
    back: keras.Model  # the maps to features f32[n, d]

    def assign(self, values: tuple[FloatArray, ...]) -> None:
        """Set the weights that are trained; raises ValueError for those of another network."""
        for variable, value in zip(self.back.trainable_variables, values, strict=True):
            variable.assign(value)


def open_halves(base: Base) -> Halves:
    """Build the network and cut it before the blocks that are to be trained.

    Batch norm is left as it is: a few pictures measure no mean that is worth having. Raises
    UsageError for a network that is no Keras model, or has fewer blocks.
    """
    weights = base.spec.source.fetch(base.model_dir, Reporter())
    model, start, enter = _open(base.spec, weights)
    cut = start if base.n_blocks is None else cut_before(model, base.n_blocks)
    back = keras.Model(cut, model.outputs[0], name=model.name)
    for layer in back._flatten_layers():  # noqa: SLF001 - there is no public way into nested ones
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    if cut is start:
        return Halves(enter, back)
    before = keras.Model(start, cut)
    return Halves(lambda x: before(enter(x), training=False), back)


def make(spec: BackboneSpec, weights: Path) -> FrozenBackbone:
    """Freeze a network with the blocks that were trained; `weights` is the file of those.

    Raises ModelError where they are of another network.
    """
    source = spec.source
    assert isinstance(source, LearnedSource)
    assert source.base is not None
    learned = read_learned(weights)
    halves = open_halves(source.base)
    try:
        halves.assign(learned.weights if learned else ())
    except ValueError as error:
        raise ModelError(f"{weights} is damaged.", hint="Delete it and run again.") from error
    network = lambda x: halves.back(halves.front(x), training=False)  # noqa: E731
    return freeze(network, spec.preprocess, spec.input_node)


def _open(
    spec: BackboneSpec, weights: Path
) -> tuple[keras.Model, keras.KerasTensor, Callable[[tf.Tensor], tf.Tensor]]:
    """Return the network, the tensor where its own weights begin, and what leads there."""
    if spec.maker == "poets.backbones.efficientnet_lite:make":
        model = efficientnet_lite.build_model(spec, weights)
        return model, model.inputs[0], lambda image: image
    if weights.suffix != ".h5":
        message = f"{weights.name} is no Keras network: its blocks cannot be trained."
        raise UsageError(message, hint=TUNABLE_HINT)
    row = KERAS_MODELS[spec.name]
    model = keras_applications.build_model(row, spec.preprocess, weights)
    return model, *keras_applications.from_pictures(row, model, spec.preprocess)

"""Real modules of TensorFlow Hub, small: one convolution with random weights, and a mean."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poets.backbones.quiet_tensorflow import keras, tf

SIZE = 32
FEATURE_SIZE = 8
KERNEL = np.random.default_rng(8).normal(size=(3, 3, 3, FEATURE_SIZE)).astype(np.float32)
Values = npt.NDArray[np.float32]
_V1 = tf.compat.v1


def features_of(images: Values) -> Values:
    """What every module here makes of f32[n, 32, 32, 3]."""
    values: Values = _mean(tf.nn.conv2d(images, KERNEL, 2, "SAME")).numpy()
    return values


def _mean(conv: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.nn.relu(conv), [1, 2])


def _pictures(*size: int | None) -> tf.TensorSpec:
    return tf.TensorSpec([None, *(size or (SIZE, SIZE)), 3], tf.float32, "inputs")


def save_callable(folder: Path) -> None:
    """Save what a publisher of TensorFlow 2 does: a function with a signature."""
    module = tf.Module()
    module.kernel = tf.Variable(KERNEL)
    network = tf.function(lambda inputs: _mean(tf.nn.conv2d(inputs, module.kernel, 2, "SAME")))
    module.__call__ = network  # it is what makes the loaded module callable
    concrete = network.get_concrete_function(_pictures())
    _quietly(lambda: tf.saved_model.save(module, str(folder), signatures=concrete))


def save_any_size(folder: Path) -> None:
    """Save a function of a picture and whether it trains, for pictures of any size."""

    def call(inputs: tf.Tensor, training: tf.Tensor) -> tf.Tensor:
        noise = tf.cond(training, lambda: 5.0, lambda: 0.0)
        return _mean(tf.nn.conv2d(inputs + noise, module.kernel, 2, "SAME"))

    module = tf.Module()
    module.kernel = tf.Variable(KERNEL)
    flag = tf.TensorSpec([], tf.bool, "training")
    module.__call__ = tf.function(call, input_signature=[_pictures(None, None), flag])
    _quietly(lambda: tf.saved_model.save(module, str(folder)))


def save_keras(folder: Path) -> None:
    """Export a model of Keras's; it ends in a map of features, and cannot be called."""
    layers = keras.layers
    conv = layers.Conv2D(FEATURE_SIZE, 3, 2, padding="same", use_bias=False)
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), conv, layers.ReLU()])
    conv.set_weights([KERNEL])
    _quietly(lambda: model.export(str(folder), verbose=False))


def save_reference_variables(folder: Path) -> None:
    """Save the format of TensorFlow 1, with the variables of its time."""
    _save_graph(folder, resource=False)


def save_resource_variables(folder: Path) -> None:
    """Save the format of TensorFlow 1, with the variables of its end."""
    _save_graph(folder, resource=True)


MODULES: Mapping[str, Callable[[Path], None]] = {
    "callable": save_callable,
    "any size": save_any_size,
    "keras": save_keras,
    "reference variables": save_reference_variables,
    "resource variables": save_resource_variables,
}


def save_with_initializer(folder: Path, start: Callable[[], tf.Operation]) -> None:
    """Save the format of TensorFlow 1 with an operation that runs when the module is loaded."""
    _save_graph(folder, resource=True, start=start)


def save_function(folder: Path, network: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """Save any function of pictures as TensorFlow 2 does."""
    module = tf.Module()
    module.__call__ = tf.function(network, input_signature=[_pictures()], autograph=False)
    concrete = module.__call__.get_concrete_function()
    _quietly(lambda: tf.saved_model.save(module, str(folder), signatures=concrete))


def _save_graph(
    folder: Path, *, resource: bool, start: Callable[[], tf.Operation] = tf.no_op
) -> None:
    with tf.Graph().as_default(), _V1.Session() as session:
        images = _V1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "images")
        with _V1.variable_scope("module", use_resource=resource):
            kernel = _V1.get_variable("kernel", initializer=KERNEL)
        conv = tf.nn.conv2d(images, kernel, 2, "SAME")
        ends = {"default": _mean(conv), "module/conv": conv}
        signature = _quietly(
            lambda: _V1.saved_model.predict_signature_def({"images": images}, ends)
        )
        session.run(_V1.global_variables_initializer())
        builder = _V1.saved_model.Builder(str(folder))
        signatures = {"image_feature_vector": signature}
        _quietly(
            lambda: builder.add_meta_graph_and_variables(session, [], signatures, main_op=start())
        )
        _quietly(lambda: builder.add_meta_graph(["train"], signatures))
        builder.save()
    (folder / "tfhub_module.pb").write_bytes(b"\x08\x03")


def _quietly(action: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it returns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return action()

"""What a training runs on: the processor, or every GPU there is, with numbers of half the size."""

from collections.abc import Iterator
from contextlib import contextmanager

from poets.backbones.quiet_tensorflow import keras, tf


@contextmanager
def on_all_gpus() -> Iterator[None]:
    """Let what is built inside be trained on all GPUs, with 16-bit activations; else as ever."""
    gpus = tf.config.list_logical_devices("GPU")
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16" if gpus else "float32")
    try:
        with strategy_for([gpu.name for gpu in gpus]).scope():
            yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def strategy_for(devices: list[str]) -> tf.distribute.Strategy:
    """Return what spreads each batch over several devices; for fewer than two, nothing does."""
    if len(devices) < 2:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy(devices)

"""TensorFlow without what it says on standard error while it loads and works.

Whatever needs TensorFlow imports it from here, so that this is always the first import of it.
"""

import logging
import os

from poets.quiet import quiet_stderr

# Read while they are imported; the user's keras.json may ask for what does not work here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
with quiet_stderr():  # the first lines are logged before any level counts
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
keras.config.set_floatx("float32")
keras.config.set_image_data_format("channels_last")
for name in ("tensorflow", "absl"):
    logging.getLogger(name).setLevel(logging.ERROR)

__all__ = ["convert_variables_to_constants_v2", "keras", "quiet_stderr", "tf"]

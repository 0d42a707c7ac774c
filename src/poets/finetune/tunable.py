"""Which networks can be trained further, and with what pictures."""

from poets.backbones.keras_table import KERAS_MODELS
from poets.backbones.spec import BackboneSpec
from poets.errors import UsageError

_MAKERS = (
    "poets.backbones.efficientnet_lite:make",
    "poets.backbones.inception:make",  # where its weights are those of Keras
    "poets.backbones.keras_applications:make",
)
_FOR_INSTANCE = ", ".join(list(KERAS_MODELS)[:3])
TUNABLE_HINT = f"Those of efficientnet_lite0 to 2 can, of Keras's all: {_FOR_INSTANCE} ..."


def check_tunable(spec: BackboneSpec) -> None:
    """Raise UsageError for a network that is no Keras model."""
    if spec.maker in _MAKERS:
        return
    message = f"--fine_tune_blocks: {spec.name} is no Keras network, its blocks cannot be trained."
    raise UsageError(message, hint=TUNABLE_HINT)

"""Training the last blocks of a network together with the head."""

from contextlib import closing

from poets.backbones.quiet_tensorflow import keras, quiet_stderr, tf
from poets.finetune.devices import on_all_gpus
from poets.finetune.epochs import compile_classifier, train
from poets.finetune.examples import Examples, Front, Room
from poets.finetune.network import Halves, open_halves
from poets.finetune.plan import Tuning
from poets.finetune.score import Learned
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray
from poets.report import Reporter


def tune(tuning: Tuning, room: Room, reporter: Reporter) -> Learned:
    """Return the head's weights and bias, and the weights of the blocks, best on validation.

    Raises UsageError for a network that cannot be cut so, OutputError for a disk without room.
    """
    keras.backend.clear_session()
    with quiet_stderr(), on_all_gpus():
        halves = open_halves(tuning.base)
        model = _with_head(halves.back, tuning.head)
        compile_classifier(model, tuning.plan.learning_rate)
    front = _front(halves, tuning.base.spec.preprocess.shape)
    costly = tuning.base.n_blocks is not None
    with (
        closing(Examples(tuning.training, room, front, costly=costly)) as training,
        closing(Examples(tuning.validation, room, front, costly=costly)) as validation,
    ):
        epochs, best = train(model, (training, validation), tuning.plan, reporter)
    if not best:
        return Learned(epochs, best, ())
    weights = tuple(variable.numpy() for variable in halves.back.trainable_variables)
    return Learned(epochs, best, weights, _head_of(model))


def _with_head(back: keras.Model, head: SoftmaxHead) -> keras.Model:
    maps = keras.Input(back.inputs[0].shape[1:])
    x = back(maps, training=False)
    if head.hidden is not None:
        hidden = keras.layers.Dense(
            len(head.hidden.bias), activation="relu", dtype="float32", name="hidden"
        )
        x = hidden(x)
        hidden.set_weights([head.hidden.weights, head.hidden.bias])
    logits = keras.layers.Dense(len(head.bias), dtype="float32", name="logits")
    model = keras.Model(maps, logits(x))
    logits.set_weights([head.weights, head.bias])
    return model


def _head_of(model: keras.Model) -> tuple[FloatArray, ...]:
    """Return SoftmaxHead's arrays: those of its last layer come first."""
    names = [layer.name for layer in model.layers]
    heads = [name for name in ("logits", "hidden") if name in names]
    return tuple(values for name in heads for values in model.get_layer(name).get_weights())


def _front(halves: Halves, shape: tuple[int, int, int]) -> Front:
    """Return the part that is not trained, for NumPy's arrays."""
    images = tf.TensorSpec((None, *shape), tf.float32)
    function = tf.function(halves.front, input_signature=[images], autograph=False)

    def run(values: FloatArray) -> FloatArray:
        maps: FloatArray = function(values).numpy()
        return maps

    return run

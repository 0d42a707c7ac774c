"""Training a network that knows nothing, from its first layer to its last."""

from contextlib import closing

from poets.backbones.cnn import build_model
from poets.backbones.quiet_tensorflow import keras, quiet_stderr
from poets.finetune.augment import augmentation_layer
from poets.finetune.devices import on_all_gpus
from poets.finetune.epochs import compile_classifier, train
from poets.finetune.examples import Examples, Room
from poets.finetune.plan import Scratch
from poets.finetune.score import Learned
from poets.report import Reporter

_DROPPED = 0.2  # share of the features that a training step does without
_PLACES = 1000  # seeds from one layer's to another network's


def learn(scratch: Scratch, room: Room, reporter: Reporter) -> Learned:
    """Return the network's weights, best on validation; raises OutputError for want of room."""
    keras.backend.clear_session()
    with quiet_stderr(), on_all_gpus():
        network = build_model(scratch.preprocess, _PLACES * (scratch.plan.seed % _PLACES))
        model = _with_head(network, scratch)
        compile_classifier(model, scratch.plan.learning_rate)
    with (
        closing(Examples(scratch.training, room, costly=True)) as training,
        closing(Examples(scratch.validation, room, costly=True)) as validation,
    ):
        epochs, best = train(model, (training, validation), scratch.plan, reporter)
    return Learned(epochs, best, tuple(network.get_weights()) if best else ())


def _with_head(network: keras.Model, scratch: Scratch) -> keras.Model:
    seed = scratch.plan.seed % _PLACES
    images = keras.Input(scratch.preprocess.shape)
    seen = augmentation_layer(scratch.distortion, scratch.preprocess, seed)(images)
    features = keras.layers.Dropout(_DROPPED, seed=seed)(network(seen))
    kernel = keras.initializers.GlorotUniform(seed=seed)
    dense = keras.layers.Dense(
        scratch.n_labels, kernel_initializer=kernel, dtype="float32", name="logits"
    )
    return keras.Model(images, dense(features))

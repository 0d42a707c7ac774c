"""The epochs of a training for TensorBoard, beside the steps of the head's."""

from collections.abc import Sequence
from pathlib import Path

from tensorboard.compat.proto.summary_pb2 import Summary

from poets.finetune.score import Epoch, Score
from poets.summaries.events import last_event_file
from poets.summaries.tags import TRAIN, VALIDATION

ACCURACY, LOSS = "epoch_accuracy", "epoch_loss"  # as Keras calls them


def write_epochs(epochs: Sequence[Epoch], folder: Path) -> None:
    """Add scalars to this process's event files; raises OutputError."""
    for name, scores in (
        (TRAIN, [epoch.training for epoch in epochs]),
        (VALIDATION, [epoch.validation for epoch in epochs]),
    ):
        with last_event_file(folder / name) as events:
            for number, score in enumerate(scores, start=1):
                events.summary(number, _values(score))


def _values(score: Score) -> list[Summary.Value]:
    return [
        Summary.Value(tag=ACCURACY, simple_value=score.accuracy),
        Summary.Value(tag=LOSS, simple_value=score.cross_entropy),
    ]

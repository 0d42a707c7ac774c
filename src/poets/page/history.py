"""What the learning curves are drawn from."""

import math
from collections.abc import Sequence

from poets.finetune.score import Epoch
from poets.page.data import Curve
from poets.train import StepState


class History:
    """Listens to a training and keeps what each evaluation measured."""

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._accuracies: list[tuple[float, float]] = []
        self._entropies: list[tuple[float, float]] = []

    def __call__(self, state: StepState) -> None:
        """Keep the step's figures, of training and of validation."""
        if state.evaluation is None:
            return
        training, validation = state.evaluation.training, state.evaluation.validation
        self._steps.append(state.step)
        unknown = math.nan
        accuracy = validation.accuracy if validation else unknown
        self._accuracies.append((training.accuracy, accuracy))
        entropy = validation.cross_entropy if validation else unknown
        self._entropies.append((training.cross_entropy, entropy))

    @property
    def last_step(self) -> int | None:
        """The step that was measured last; None where none was."""
        return self._steps[-1] if self._steps else None

    def curves(self) -> tuple[Curve, ...]:
        """Return accuracy and cross entropy; nothing where nothing was measured."""
        if not self._steps:
            return ()
        return (
            self._curve("Accuracy", self._accuracies, is_share=True),
            self._curve("Cross entropy", self._entropies, is_share=False),
        )

    def _curve(self, name: str, pairs: list[tuple[float, float]], *, is_share: bool) -> Curve:
        training, validation = zip(*pairs, strict=True)
        known = () if any(map(math.isnan, validation)) else validation
        return Curve(name, tuple(self._steps), training, known, is_share)


def epoch_curves(epochs: Sequence[Epoch]) -> tuple[Curve, ...]:
    """Return the curves of a network that was trained itself; one epoch is no curve."""
    if len(epochs) < 2:
        return ()
    numbers = range(1, len(epochs) + 1)
    return tuple(
        Curve(
            f"{title} while the network was trained",
            numbers,
            [getattr(epoch.training, figure) for epoch in epochs],
            [getattr(epoch.validation, figure) for epoch in epochs],
            is_share=is_share,
            unit="epoch",
        )
        for title, figure, is_share in (
            ("Accuracy", "accuracy", True),
            ("Cross entropy", "cross_entropy", False),
        )
    )

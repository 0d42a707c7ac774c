"""How the head is trained."""

from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup


@dataclass(frozen=True, kw_only=True)
class TrainConfig(FlagGroup):
    """How the head is trained."""

    how_many_training_steps: Annotated[int, Flag("Training steps.", 1, 10_000_000)] = 4000
    learning_rate: Annotated[float, Flag("Gradient descent step size.", 1e-9, 1e3)] = 0.01
    train_batch_size: Annotated[int, Flag("Pictures a training step.", 1, 100_000)] = 100
    validation_batch_size: Annotated[
        int, Flag("Pictures a validation; -1 is all of them.", 1, 100_000, special=(-1,))
    ] = 100
    test_batch_size: Annotated[
        int, Flag("Pictures of the final test; -1 is all of them.", 1, special=(-1,))
    ] = -1
    eval_step_interval: Annotated[int, Flag("Steps between evaluations.", 1)] = 10
    seed: Annotated[int, Flag("Same seed, same bytes.", 0, 2**63 - 1)] = 0

"""How the network itself is trained, not the head alone."""

from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class FineTuneConfig(FlagGroup):
    """How the network itself is trained, not the head alone."""

    fine_tune_blocks: Annotated[
        str,
        Flag('Last blocks of the network to train, too: a number or "all"; 0 is the head only.'),
    ] = "0"
    fine_tune_learning_rate: Annotated[
        float, Flag("Adam's step size for these blocks.", 1e-9, 1)
    ] = 1e-4
    epochs: Annotated[
        int, Flag("Most passes over the pictures, for these blocks or for a cnn_N.", 1, 10_000)
    ] = 20

    def __post_init__(self) -> None:
        """Check each flag, and that the blocks are a number or all."""
        super().__post_init__()
        blocks = self.fine_tune_blocks
        if blocks != ALL and not (blocks.isascii() and blocks.isdigit() and len(blocks) < 5):
            message = f"--fine_tune_blocks {blocks}: it is a number from 0 to 9,999, or all."
            raise UsageError(message)

    @property
    def tunes(self) -> bool:
        """Whether any block is to be trained."""
        return self.n_blocks != 0

    @property
    def n_blocks(self) -> int | None:
        """How many of the last blocks are trained; None is all."""
        return None if self.fine_tune_blocks == ALL else int(self.fine_tune_blocks)

"""What the head is, and how it is optimised."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError

AUTO, SGD, ADAM, LBFGS = "auto", "sgd", "adam", "lbfgs"
BALANCED, NONE = "balanced", "none"
_SMALLEST, _LARGEST = 1e-6, 1e6


@dataclass(frozen=True, kw_only=True)
class HeadConfig(FlagGroup):
    """What the head is, and how it is optimised."""

    optimizer: Annotated[
        str,
        Flag(
            "How it learns; adam wants a --learning_rate of 0.001, lbfgs takes all pictures in "
            "each step until nothing changes. auto is sgd, and lbfgs for pixels_N.",
            choices=(AUTO, SGD, ADAM, LBFGS),
        ),
    ] = AUTO
    l2: Annotated[
        float | None,
        Flag("Penalty on large weights; else 0, and for lbfgs what suits validation.", 0, 1e6),
    ] = None
    dropout: Annotated[
        float, Flag("Share of the features that each training step leaves out.", 0, 0.99)
    ] = 0.0
    hidden_units: Annotated[
        int, Flag("Units of a layer between the features and the labels; 0 is none.", 0, 65536)
    ] = 0
    label_smoothing: Annotated[
        float, Flag("Share of certainty that is spread over all labels.", 0, 0.99)
    ] = 0.0
    class_weights: Annotated[
        str,
        Flag("What counts alike: balanced: labels, none: pictures; or roses=2,tulips=0.5."),
    ] = BALANCED

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        self.weight_of_label()
        if self.optimizer == LBFGS and self.dropout:
            raise UsageError(
                "--dropout draws anew in each step, and --optimizer lbfgs needs steps alike.",
                hint="Choose --optimizer sgd or adam, or leave --dropout out.",
            )

    def weight_of_label(self) -> Mapping[str, float]:
        """Return what the user gave labels by name; raises UsageError for what is no such list."""
        if self.class_weights in {BALANCED, NONE}:
            return {}
        weights = dict(_parse(pair) for pair in self.class_weights.split(","))
        if len(weights) < len(self.class_weights.split(",")):
            raise UsageError(f"--class_weights {self.class_weights}: a label has two weights.")
        return weights


def _parse(pair: str) -> tuple[str, float]:
    label, equals, text = pair.rpartition("=")
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if equals and label.strip() and _SMALLEST <= weight <= _LARGEST:
        return label.strip(), weight
    message = f"--class_weights: '{pair}' is no label with a number above 0."
    raise UsageError(message, hint="balanced, none, or for instance roses=2,tulips=0.5")

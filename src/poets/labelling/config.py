"""The flags of `label-image` for many pictures and several graphs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError

KNOWN_SHARE = 0.95


@dataclass(frozen=True, kw_only=True)
class EnsembleConfig(FlagGroup):
    """How several graphs label together."""

    weights: Annotated[
        str | None, Flag("How much each of several graphs counts: 0.7,0.3; else all alike.")
    ] = None

    def numbers(self) -> tuple[float, ...]:
        """Return the weights as numbers, none where none are given; raises UsageError."""
        try:
            return tuple(float(part) for part in self.weights.split(",")) if self.weights else ()
        except ValueError as error:
            message = f"--weights {self.weights}: these are no numbers."
            raise UsageError(message, hint="One for each graph: --weights 0.7,0.3") from error


@dataclass(frozen=True, kw_only=True)
class ListingConfig(FlagGroup):
    """What is said of each picture, and what is done with it."""

    top_k: Annotated[int, Flag("Labels to name for a picture.", 1, 100_000)] = 5
    threshold: Annotated[float, Flag("Name no label with a score below this.", 0, 1)] = 0.0
    json: Annotated[bool, Flag("Print a JSON list.")] = False
    jsonl: Annotated[bool, Flag("Print JSON, an object a line.")] = False
    csv: Annotated[bool, Flag("Print comma-separated values, for spreadsheets.")] = False
    sort_into: Annotated[
        Path | None, Flag("Copy each picture into a sub-folder with its label's name.")
    ] = None
    move: Annotated[bool, Flag("With --sort_into: move the pictures.")] = False

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        if sum((self.json, self.jsonl, self.csv)) > 1:
            raise UsageError("--json, --jsonl and --csv: choose one.")
        if self.move and self.sort_into is None:
            raise UsageError("--move: say where to.", hint="--sort_into DIR --move")

    @property
    def form(self) -> str:
        """The format for programs, "" for people."""
        return next((name for name in ("json", "jsonl", "csv") if getattr(self, name)), "")


@dataclass(frozen=True, kw_only=True)
class LookingConfig(FlagGroup):
    """What is looked for inside the network."""

    explain: Annotated[
        Path | None,
        Flag("Show where the label is seen: a .jpg or .png to write, a folder for several."),
    ] = None
    unknown: Annotated[bool, Flag("Say unknown to pictures unlike those of the training.")] = False
    known_share: Annotated[
        float, Flag("With --unknown: how many of the pictures of its kind to accept.", 0.5, 0.999)
    ] = KNOWN_SHARE

    @property
    def looks_inside(self) -> bool:
        """Whether scores alone are not enough."""
        return self.unknown or self.explain is not None

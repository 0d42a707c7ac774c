"""What the library tells while it works; whoever listens chooses the words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Advance = Callable[[int], None]


@dataclass(frozen=True)
class SkippedImage:
    """A file that could not be used, and why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True)
class StepReport:
    """Where the training stands: accuracies in [0, 1], cross entropy in nats."""

    step: int
    train_accuracy: float
    cross_entropy: float
    validation_accuracy: float | None  # None without validation pictures
    n_validation: int


@dataclass(frozen=True)
class EpochReport:
    """What a pass over the training pictures came to, where the network itself is trained."""

    epoch: int  # from 1
    epochs: int  # at most
    train_accuracy: float  # while the weights were changing
    cross_entropy: float  # the same
    validation_accuracy: float
    validation_cross_entropy: float
    seconds: float


class Reporter:
    """Silent; a console draws what it wants to of this."""

    def looking_for_images(self, image_dir: Path) -> None:
        """The pictures are about to be listed."""

    def images_found(self, counts: Mapping[str, int]) -> None:
        """How many files each label has."""

    def warning(self, message: str) -> None:
        """Something is not as it should be; the work goes on."""

    def backbone(self, name: str, source: str) -> None:
        """Which network makes the features, and where its weights come from."""

    def making_backbone(self, name: str) -> None:
        """A network is about to be made, which takes TensorFlow and some seconds."""

    def backbone_made(self, folder: Path, seconds: float) -> None:
        """It is made and kept in `folder`."""

    def features(self, cached: int, new: int, skipped: Sequence[SkippedImage]) -> None:
        """Where the features came from, and what could not be read."""

    def bottlenecks_created(self, count: int) -> None:
        """`count` new features are in the cache so far."""

    def resumed(self, step: int) -> None:
        """The training goes on from a checkpoint, at that step."""

    def l2_picked(self, l2: float) -> None:
        """With which penalty on large weights validation pictures fare best."""

    def converged(self, steps: int) -> None:
        """After so many steps, further ones would have changed nothing."""

    def intermediate_saved(self, path: Path) -> None:
        """A graph was saved while training."""

    def step(self, report: StepReport) -> None:
        """An evaluation during training."""

    def training_network(self, name: str, n_pictures: int) -> None:
        """A network itself is about to be trained, which takes TensorFlow and minutes."""

    def network_resumed(self, epochs: int) -> None:
        """That training goes on after so many epochs, where it was stopped."""

    def epoch(self, report: EpochReport) -> None:
        """An epoch of that training ended."""

    def fine_tuned(self, frozen: float, tuned: float, *, kept: bool) -> None:
        """The validation accuracies of the network as it was and as it is, and whether it is."""

    def exporting(self, name: str) -> None:
        """An export is about to be written, which may take TensorFlow and some seconds."""

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:  # noqa: ARG002
        """A long piece of work: call what is yielded with how much more of `total` is done."""
        yield lambda _: None

"""The table of data sets that `poets fetch` brings: a new one is a row and a function."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from poets.errors import UsageError
from poets.registry import did_you_mean, load
from poets.report import Reporter

_CHOICES = ("part", "per_label", "seed")


@dataclass(frozen=True)
class DatasetSpec:
    """One row: what the pictures are, and how they come."""

    name: str
    description: str
    pictures: str  # how many
    labels: int
    size: str  # to download
    licence: str
    source: str
    # "module:function", called as (folder: Path, reporter=Reporter, **options) -> Path
    loader: str
    options: tuple[str, ...] = ()  # of part, per_label and seed

    @property
    def offline(self) -> bool:
        """Whether it works without a network."""
        return not self.size


_OWN = {"size": "", "licence": "none needed", "source": "drawn on this machine"}

DATASETS: dict[str, DatasetSpec] = {
    spec.name: spec
    for spec in (
        DatasetSpec(
            name="flower_photos",
            description="photos of five kinds of flowers",
            pictures="3,670",
            labels=5,
            size="229 MB",
            licence="CC BY 2.0",
            source="download.tensorflow.org",
            loader="poets.datasets.flower_photos:fetch_flower_photos",
        ),
        DatasetSpec(
            name="painted_flowers",
            description="the same five kinds, painted",
            pictures="500",
            labels=5,
            loader="poets.datasets.painted_flowers:draw_painted_flowers",
            options=("per_label", "seed"),
            **_OWN,
        ),
        DatasetSpec(
            name="mnist",
            description="handwritten digits, 28 x 28, grey",
            pictures="60,000 + 10,000",
            labels=10,
            size="12 MB",
            licence="CC BY-SA 3.0",
            source="LeCun, Cortes, Burges: yann.lecun.com/exdb/mnist",
            loader="poets.datasets.mnist:fetch_mnist",
            options=_CHOICES,
        ),
        DatasetSpec(
            name="painted_digits",
            description="digits like them, written here",
            pictures="2,000",
            labels=10,
            loader="poets.datasets.painted_digits:draw_painted_digits",
            options=("per_label", "seed"),
            **_OWN,
        ),
        DatasetSpec(
            name="fashion_mnist",
            description="clothes, 28 x 28, grey",
            pictures="60,000 + 10,000",
            labels=10,
            size="31 MB",
            licence="MIT",
            source="Zalando: github.com/zalandoresearch/fashion-mnist",
            loader="poets.datasets.mnist:fetch_fashion_mnist",
            options=_CHOICES,
        ),
        DatasetSpec(
            name="cifar10",
            description="animals and vehicles, 32 x 32, colour",
            pictures="50,000 + 10,000",
            labels=10,
            size="170 MB",
            licence="not stated",
            source="Krizhevsky: cs.toronto.edu/~kriz/cifar.html",
            loader="poets.datasets.cifar10:fetch_cifar10",
            options=_CHOICES,
        ),
    )
}


def fetch_dataset(
    name: str, folder: Path, reporter: Reporter, options: Mapping[str, str | int] | None = None
) -> Path:
    """Bring the data set with that name to `folder`: one sub-folder of pictures a label.

    `options` may choose a part, a number of pictures a label and a seed, where its row has them.
    Raises UsageError for an unknown name, with the nearest known one, or an option that it has
    not, DataError where the pictures cannot be had, and OutputError where they cannot be written.
    """
    if name not in DATASETS:
        message = f"no data set '{name}'.{did_you_mean(name, DATASETS)}"
        raise UsageError(message, hint=f"There are: {', '.join(DATASETS)}.")
    spec, options = DATASETS[name], options or {}
    for option in options.keys() - set(spec.options):
        words = option.replace("per_label", "limit")
        raise UsageError(f"{name} has no choice of --{words}.", hint="Leave it out.")
    path: Path = load(spec.loader)(folder, reporter=reporter, **options)
    return path

"""MNIST and Fashion-MNIST: 28 x 28 grey pixels, ten labels, 60,000 pictures and 10,000 to test."""

from functools import partial
from pathlib import Path

from poets.datasets.idx import read_idx
from poets.datasets.published import LabelIds, Part, Pixels, Published, fetch_published
from poets.network.remote import RemoteFile
from poets.report import Reporter


def read_part(
    data: Published,
    part: str,
    store: Path,
    room: Path,  # noqa: ARG001 - archives need it
    reporter: Reporter,  # noqa: ARG001
) -> tuple[Pixels, LabelIds]:
    """Return the pixels [n, 28, 28] and label ids [n] of a part: its images file, its labels."""
    images, labels = data.parts[part].files
    count = data.parts[part].count
    pixels = read_idx(store / images.name, (count, *data.shape))
    return pixels, read_idx(store / labels.name, (count,))


def _part(prefix: str, count: int, images_sha256: str, labels_sha256: str) -> Part:
    names = (f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz")
    sums = (images_sha256, labels_sha256)
    files = (RemoteFile(name, name, sha256) for name, sha256 in zip(names, sums, strict=True))
    return Part(tuple(files), count)


MNIST = Published(
    name="mnist",
    labels=tuple("0123456789"),
    shape=(28, 28),
    sources=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    parts={
        "train": _part(
            "train",
            60_000,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        "test": _part(
            "t10k",
            10_000,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    },
    read=read_part,
    instead="painted_digits",
)
FASHION_MNIST = Published(
    name="fashion_mnist",
    labels=(
        *("t-shirt", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle_boot"),
    ),
    shape=(28, 28),
    sources=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    parts={
        "train": _part(
            "train",
            60_000,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        "test": _part(
            "t10k",
            10_000,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    },
    read=read_part,
    instead="painted_digits",
)
fetch_mnist = partial(fetch_published, MNIST)
fetch_fashion_mnist = partial(fetch_published, FASHION_MNIST)

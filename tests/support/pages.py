"""Pages of results of evaluations that were made up."""

import io
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from PIL import Image

from poets.evaluation.calibration import calibrate
from poets.evaluation.scores import Evaluation
from poets.images import LabeledImage
from poets.page.data import Curve, ReportData, Run, Suspects
from poets.page.gather import Sight, Tested, gather
from poets.preprocess import FloatArray

FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
PAGE = Path("/work place/tf_files/report.html")
PICTURES = Path("/work place/flowers")


def evaluation_of(
    labels: Sequence[str], true: Sequence[int], predicted: Sequence[int], score: float = 0.9
) -> Evaluation:
    """Return an evaluation in which each predicted label has that score, less a little each."""
    rest = (1 - score) / max(1, len(labels) - 1)
    probabilities = np.full((len(true), len(labels)), rest, dtype=np.float32)
    sure = score - np.arange(len(true)) * 1e-4
    probabilities[np.arange(len(true)), list(predicted)] = sure
    return Evaluation(tuple(labels), probabilities, np.array(true, dtype=np.int64))


def with_pictures(evaluation: Evaluation) -> Tested:
    """Give the rows of an evaluation pictures."""
    names = [evaluation.labels[i] for i in evaluation.label_ids]
    images = [
        LabeledImage(label, PICTURES / f"label {i}" / f"photo_{row:04}.jpg")
        for row, (i, label) in enumerate(zip(evaluation.label_ids, names, strict=True))
    ]
    return Tested(evaluation, tuple(images), PICTURES)


def jpegs(paths: Iterable[Path]) -> list[bytes]:
    """Return a small picture a path, each of its own colour."""
    return [_jpeg(path) for path in paths]


def warm_corners(paths: Sequence[Path], label_ids: Sequence[int]) -> list[FloatArray | None]:
    """Return a map a picture that is warm in the corner that goes with the label."""
    heats: list[FloatArray | None] = []
    for _, label in zip(paths, label_ids, strict=True):
        heat = np.zeros((7, 7), dtype=np.float32)
        heat[-(label % 2), -(label // 2 % 2)] = 1
        heats.append(heat)
    return heats


SIGHT = Sight(jpegs, warm_corners, PAGE)


def report_of(evaluation: Evaluation, sight: Sight = SIGHT) -> ReportData:
    """Return all that a page shows of an evaluation, with curves and suspects."""
    shown = gather(with_pictures(evaluation), sight)
    steps = list(range(0, 1000, 10))
    rising = [1 - 0.8 * 0.99**step for step in steps]
    falling = [1.6 * 0.99**step for step in steps]
    return ReportData(
        kind="training",
        title="tf_files/retrained_graph.pb",
        summary=f"efficientnet_lite0 learned {len(evaluation.labels)} labels from 480 pictures",
        part="testing",
        evaluation=evaluation,
        calibration=calibrate(evaluation, None),
        cells=shown.cells,
        mistakes=shown.mistakes,
        curves=(
            Curve("Accuracy", steps, rising, rising, is_share=True),
            Curve("Cross entropy", steps, falling, falling, is_share=False),
        ),
        suspects=Suspects(len(shown.mistakes), shown.mistakes[:3], "Judged by others."),
        run=Run("retrain --image_dir 'my flowers'", (("Seed", "0"), ("Network", "lite0"))),
    )


def some_mistakes(labels: Sequence[str] = FLOWERS, n: int = 60) -> Evaluation:
    """Return an evaluation with a mistake in each sixth row."""
    true = [row % len(labels) for row in range(n)]
    predicted = [(t + (row % 6 == 0)) % len(labels) for row, t in enumerate(true)]
    return evaluation_of(labels, true, predicted)


class Page(HTMLParser):
    """What is in a page; raises AssertionError where its tags do not fit each other."""

    _VOID = ("meta", "img", "input", "br")
    _SELF_CLOSED = ("rect", "circle", "path", "polyline")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def all(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        found = [attributes for name, attributes in self.elements if name == tag]
        return [a for a in found if not kind or kind in (a.get("class") or "").split()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self._SELF_CLOSED
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["script"], ["style"]):
            self.text += data


def _jpeg(path: Path) -> bytes:
    rng = np.random.default_rng([*path.name.encode()])
    file = io.BytesIO()
    colour = tuple(int(value) for value in rng.integers(0, 255, 3))
    Image.new("RGB", (128, 96), colour).save(file, "JPEG")
    return file.getvalue()

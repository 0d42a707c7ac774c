"""An evaluation for other programs: JSON with every figure, CSV with a line a label."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from poets.evaluation.folder import FolderEvaluation
from poets.evaluation.scores import Evaluation

_FIGURES = ("precision", "recall", "f1", "support")


def to_json(result: FolderEvaluation, about: Mapping[str, object]) -> str:
    """Return every figure, behind what the caller says it is about; null where there is none."""
    evaluation = result.evaluation
    document = {
        **about,
        "pictures": evaluation.n,
        "accuracy": evaluation.accuracy,
        "accuracy_interval": evaluation.interval,
        "top_5_accuracy": evaluation.top_k_accuracy(5),
        "cross_entropy": evaluation.cross_entropy,
        "calibration": asdict(result.calibration),
        "labels": [dict(zip(("label", *_FIGURES), row, strict=True)) for row in _rows(evaluation)],
        "macro": asdict(evaluation.figures.macro),
        "weighted": asdict(evaluation.figures.weighted),
        "confusion": evaluation.confusion.tolist(),  # true labels down, predicted ones across
        "predictions": list(_predictions(result)),
        "skipped": [{"path": str(one.path), "reason": one.reason} for one in result.skipped],
    }
    # In ASCII: a path may hold bytes that are no UTF-8.
    return json.dumps(document, indent=1) + "\n"


def to_csv(evaluation: Evaluation) -> str:
    """Return a line a label: its figures, and how often it was taken for each label."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", *_FIGURES, *(f"taken for {label}" for label in evaluation.labels)])
    for row, counts in zip(_rows(evaluation), evaluation.confusion.tolist(), strict=True):
        writer.writerow([*row, *counts])
    return text.getvalue()


def _rows(evaluation: Evaluation) -> Iterator[tuple[object, ...]]:
    """Yield each label with its figures; None where there is nothing to divide by."""
    columns = (getattr(evaluation.figures, name).tolist() for name in _FIGURES)
    for label, *values in zip(evaluation.labels, *columns, strict=True):
        yield label, *(None if math.isnan(value) else value for value in values)


def _predictions(result: FolderEvaluation) -> Iterator[dict[str, object]]:
    evaluation = result.evaluation
    scores = evaluation.probabilities.max(axis=1).tolist()
    for image, best, score in zip(result.images, evaluation.predicted, scores, strict=True):
        named = evaluation.labels[best]
        yield {"path": str(image.path), "label": image.label, "predicted": named, "score": score}

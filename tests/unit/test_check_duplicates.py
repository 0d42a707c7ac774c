from pathlib import Path

import pytest

from poets.check.duplicates import Placed, exact_groups, group_findings
from poets.images import LabeledImage
from poets.split import Part


def placed(*pictures: tuple[str, Part]) -> Placed:
    images = tuple(
        LabeledImage(label, Path(label) / f"{row}.jpg") for row, (label, _) in enumerate(pictures)
    )
    return Placed(images, tuple(part for _, part in pictures))


def test_files_with_the_same_hash_are_one_group_and_unknown_ones_are_none() -> None:
    assert exact_groups([b"a", b"b", b"a", b"", b"", b"c", b"b", b"a"]) == [(0, 2, 7), (1, 6)]


@pytest.mark.parametrize(
    ("pictures", "kind", "said"),
    [
        ((("rose", "training"), ("rose", "training")), "copies", ""),
        ((("rose", "testing"), ("rose", "validation")), "copies", ""),
        (
            (("rose", "training"), ("rose", "testing")),
            "copies-across-splits",
            "in training and testing",
        ),
        ((("rose", "training"), ("tulip", "training")), "copies-in-two-labels", "rose and tulip"),
        (
            (("rose", "validation"), ("tulip", "training"), ("rose", "training")),
            "copies-in-two-labels",
            "rose and tulip, in validation and training",
        ),
    ],
)
def test_a_group_is_judged_by_the_worst_that_it_means(
    pictures: tuple[tuple[str, Part], ...], kind: str, said: str
) -> None:
    where = placed(*pictures)

    (finding,) = group_findings("copies", [tuple(range(len(pictures)))], where)

    assert (finding.kind, finding.message) == (kind, said)
    assert finding.paths == tuple(image.path for image in where.images)

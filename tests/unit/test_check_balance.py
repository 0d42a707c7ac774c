from collections.abc import Mapping

import pytest

from poets.check.balance import balance_findings
from poets.config.data import SplitConfig


def found(
    counts: Mapping[str, int], testing: int = 10, validation: int = 10
) -> set[tuple[str, str]]:
    split = SplitConfig(testing_percentage=testing, validation_percentage=validation)
    findings = balance_findings(counts, split)
    return {(finding.kind, "+".join(finding.labels)) for finding in findings}


def test_enough_of_each_label_is_no_finding() -> None:
    assert found({"daisy": 20, "roses": 100, "tulips": 99}) == set()


@pytest.mark.parametrize(
    ("testing", "validation", "enough"), [(10, 10, 3), (10, 0, 2), (0, 10, 2), (0, 0, 1)]
)
def test_a_label_needs_a_picture_for_each_part_that_is_wanted(
    testing: int, validation: int, enough: int
) -> None:
    few = found({"daisy": enough, "roses": 20}, testing, validation)
    too_few = found({"daisy": enough - 1, "roses": 20}, testing, validation)

    assert ("few-pictures", "daisy") in few
    assert ("too-few-pictures", "daisy") not in few
    assert ("too-few-pictures", "daisy") in too_few


def test_nineteen_are_few_and_twenty_are_not() -> None:
    assert found({"daisy": 19, "roses": 20}) == {("few-pictures", "daisy")}


def test_less_than_a_fifth_of_the_largest_label_is_out_of_balance() -> None:
    assert found({"daisy": 39, "roses": 200, "tulips": 40}) == {("out-of-balance", "daisy")}


@pytest.mark.parametrize("counts", [{"daisy": 50}, {"daisy": 50, "roses": 0}, {"daisy": 0}])
def test_one_label_is_too_few_to_tell_apart(counts: dict[str, int]) -> None:
    assert ("too-few-pictures", "+".join(counts)) in found(counts)

"""The benchmarks run, on what a user has: what they measure depends on the machine."""

import sys

import pytest

from tests.support.commands import TOP, run_in
from tests.support.desk import Desk

LINES = {
    "cold_start": ["label-image", "label-image --help", "import numpy", "import tensorflow"],
    "throughput": ["forward pass alone", "labelling", "decoding alone"],
}
MEASURE = {"cold_start": "import tensorflow", "throughput": "forward pass alone"}


@pytest.mark.parametrize("name", LINES)
def test_a_benchmark_sets_each_way_against_one_of_them(name: str, first_desk: Desk) -> None:
    picture = next(first_desk.pictures.rglob("*.png"))
    what = str(picture if name == "cold_start" else first_desk.pictures)
    program = (sys.executable, "-m", f"tests.benchmarks.{name}", str(first_desk.graph), what)
    output = run_in(TOP, *program, "--rounds", "1")
    assert output.returncode == 0, output.stderr
    rows = [line.rsplit(maxsplit=3) for line in output.stdout.splitlines()]
    assert [row[0] for row in rows] == LINES[name]
    assert all(float(seconds) > 0 for _, seconds, _, _ in rows)
    assert [MEASURE[name], "1.000"] in [[row[0], row[-1]] for row in rows]

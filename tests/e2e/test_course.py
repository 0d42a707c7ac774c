"""The course's commands, as they stand there, one block after the other, in one folder."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.blocks import blocks_of, commands_in, run_blocks
from tests.support.checkout import Checkout
from tests.support.commands import COMMANDS, TOP, Output, Trained

BLOCKS = blocks_of(TOP / "docs" / "course.md")


@dataclass(frozen=True)
class Course:
    """The folder in which the blocks ran, and what they said, up to the first that failed."""

    folder: Path
    said: list[Output]

    @property
    def stdout(self) -> str:
        return "".join(output.stdout for output in self.said)

    def accuracies(self) -> list[float]:
        """What `evaluate` said of each graph, in order."""
        found = re.findall(r"^Accuracy: (\S+)$", self.stdout, re.MULTILINE)
        return [float(number) for number in found]


@pytest.fixture(scope="module")
def course(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The default network is ready there, as in the folder of a reader of the README."""
    folder = tmp_path_factory.mktemp("course")
    models = Path("tf_files", "models")
    shutil.copytree(trained.folder / models, folder / models)
    path, modules = f"{COMMANDS}:{os.environ['PATH']}", os.environ.get("PYTHONPATH", "")
    said: list[Output] = []
    for block in BLOCKS:
        said.append(run_blocks(Checkout(folder), [block], PATH=path, PYTHONPATH=modules))
        if said[-1].returncode:
            break
    return Course(folder, said)


def test_every_command_of_the_course_works(course: Course) -> None:
    last = course.said[-1]

    assert last.returncode == 0, last.stderr[-3000:]
    assert len(course.said) == len(BLOCKS)
    assert len(commands_in(BLOCKS)) >= 20
    assert not any("Traceback" in output.stderr for output in course.said)


def test_what_the_course_says_of_its_figures_is_so(course: Course) -> None:
    found = course.accuracies()
    linear, cnn, few, augmented, borrowed, tuned, loose, tight, hidden, again = found

    assert 0.8 < linear < 0.94
    assert again == linear
    assert cnn > linear + 0.04
    assert few < augmented < linear
    assert borrowed < tuned
    assert max(loose, tight) < linear < hidden


def test_what_the_course_tells_to_open_is_there(course: Course) -> None:
    for name in ("linear/report.html", "augmented.png", "weights/weights.png", "heat.png"):
        assert (course.folder / name).stat().st_size > 0
    assert "tulips (score=" in course.stdout
    assert re.search(r"^flowers/daisy/daisy_0001\.jpg +unknown ", course.stdout, re.MULTILINE)
    assert {path.name for path in (course.folder / "summaries").iterdir()} >= {
        "flowers",
        "linear",
        "cnn",
    }

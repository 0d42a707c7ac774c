"""What a data set that changes costs: a forward pass for each picture never seen before."""

import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import run_in
from tests.support.pictures import paint_folders

PER_LABEL = 6


@dataclass(frozen=True)
class Place:
    """A folder of pictures, and the folder to train in."""

    images: Path
    work: Path
    model_dir: Path

    def forward_passes(self) -> int:
        """Retrain; return how many pictures went through the network."""
        before = self.cached_features()
        flags = ("--architecture", "mobilenet_0.25_128", "--how_many_training_steps", "5")
        output = run_in(
            self.work, "retrain", "--image_dir", self.images, "--model_dir", self.model_dir, *flags
        )
        assert output.returncode == 0, output.stderr
        said = re.search(r"(\d+) from the cache, (\d+) new, 0 skipped", output.stderr)
        assert said, output.stderr
        assert self.cached_features() - before == int(said[2])  # no two pictures are alike here
        return int(said[2])

    def cached_features(self) -> int:
        """Return how many features the cache holds."""
        path = self.work / "tf_files" / "bottlenecks" / "features.sqlite"
        if not path.exists():
            return 0
        connection = sqlite3.connect(path)
        try:
            count: int = connection.execute("SELECT COUNT(*) FROM features").fetchone()[0]
        finally:
            connection.close()
        return count


@pytest.fixture
def place(tmp_path: Path, model_dir: Path) -> Place:
    images = paint_folders(tmp_path / "images", PER_LABEL)
    return Place(images, tmp_path, model_dir)


def test_a_new_label_costs_its_own_pictures_and_a_renamed_one_nothing(place: Place) -> None:
    assert place.forward_passes() == 3 * PER_LABEL
    paint_folders(place.images, 2 * PER_LABEL, {"yellow": (230, 220, 30)})

    assert place.forward_passes() == 2 * PER_LABEL

    (place.images / "red").rename(place.images / "crimson")
    (place.images / "blue" / "blue_000.png").rename(place.images / "blue" / "sky.png")
    shutil.copy(place.images / "green" / "green_000.png", place.images / "green" / "copy.png")
    assert place.forward_passes() == 0

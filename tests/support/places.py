"""A place to extract features in: pictures, the tiny backbone, a cache."""

import subprocess
import sys
from pathlib import Path

from poets.features.cache import FeatureCache
from poets.features.extract import Extraction
from tests.support.backbones import tiny_backbone
from tests.support.commands import TOP
from tests.support.extraction import SMALL, extract
from tests.support.pictures import paint_folders
from tests.support.reporters import Recorder


class Place:
    """A folder of pictures, a backbone and a cache."""

    def __init__(self, folder: Path, count: int) -> None:
        self.images, self.cache = folder / "images", folder / "cache"
        self.backbone = tiny_backbone(folder / "backbone", SMALL)
        paint_folders(self.images, count)

    def extract(self) -> tuple[Extraction, Recorder]:
        recorder = Recorder()
        return extract(self.images, self.backbone, self.cache, recorder), recorder

    def start(self, *limit: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-m", "tests.support.extraction"]
        places = (self.images, self.backbone.folder, self.cache)
        return subprocess.Popen(
            [*program, *map(str, places), *limit],
            cwd=TOP,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def known(self) -> int:
        with FeatureCache(self.cache) as cache:
            return len(cache.known_content(self.backbone.digest))

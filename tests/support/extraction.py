"""Extracting with the tiny backbone: here, or as a program that may be killed or limited.

python -m tests.support.extraction IMAGES BACKBONE CACHE [BYTES] prints a line a picture; no file
it writes can be larger than BYTES.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poets.backbones.compiled import Backbone
from poets.errors import PoetsError
from poets.features.cache import FeatureCache
from poets.features.extract import Extraction, Job, extract_features
from poets.features.recipe import Recipe
from poets.images import find_images
from poets.preprocess import Preprocess
from poets.report import Advance, Reporter
from tests.support.backbones import tiny_backbone_in

SMALL = Preprocess(8, 8, mean=127.5, std=127.5)


def extract(
    images: Path, backbone: Backbone, cache: Path, reporter: Reporter | None = None
) -> Extraction:
    """Return the features of a folder of pictures."""
    jobs = [Job(image, Recipe.plain(backbone)) for image in find_images(images)]
    with FeatureCache(cache) as features:
        return extract_features(jobs, backbone, features, reporter or Reporter())


class _Talking(Reporter):
    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:  # noqa: ARG002
        yield lambda n: print("done", n, flush=True)


def _main(images: str, backbone: str, cache: str, limit: str = "") -> None:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        extract(Path(images), tiny_backbone_in(Path(backbone), SMALL), Path(cache), _Talking())
    except PoetsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main(*sys.argv[1:])

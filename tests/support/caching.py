"""A cache with something in it."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from poets.features.cache import CACHE_FILE, Entry, FeatureCache, FileState

RECIPE = "efficientnet_lite0"
N, SIZE = 200, 300  # entries that make a file of many pages


def state_of(number: int) -> FileState:
    return FileState(Path(f"/photos/{number}.jpg"), 1000 + number, 10**18 + number)


def entry_of(number: int) -> Entry:
    digest = sha256(str(number).encode()).digest()
    return Entry(digest, values=np.full(SIZE, number, dtype=np.float32))


def fill(folder: Path, n: int = N, recipe: str = RECIPE) -> Path:
    with FeatureCache(folder) as cache:
        cache.store([(state_of(number), entry_of(number)) for number in range(n)], recipe)
    return folder / CACHE_FILE

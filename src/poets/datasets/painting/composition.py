"""How many flowers a picture shows, where, how large, and how they are turned."""

from dataclasses import dataclass, replace

import numpy as np

from poets.datasets.painting.pose import Pose

_TILT_LIMITS = (-1.2, 1.5)  # beyond, a head is seen from behind


@dataclass(frozen=True)
class Arrangement:
    """Ranges to draw from; lengths in units of the picture's side."""

    odds: float
    count: tuple[int, int]
    radius: tuple[float, float]
    spread: float  # how far from the middle a head may be
    grassy: bool = False  # stands in a meadow, the higher the further away


_ONE = Arrangement(0.38, (1, 1), (0.2, 0.4), 0.13)
_SOME = Arrangement(0.25, (2, 5), (0.13, 0.24), 0.38)
_BUNCH = Arrangement(0.08, (7, 12), (0.14, 0.2), 0.5)
_FIELD = Arrangement(0.15, (6, 12), (0.04, 0.14), 0.45, grassy=True)
_PART = Arrangement(0.08, (1, 1), (0.45, 0.7), 0.32)
_FAR = Arrangement(0.06, (1, 2), (0.06, 0.1), 0.22, grassy=True)
_ARRANGEMENTS = (_ONE, _SOME, _BUNCH, _FIELD, _PART, _FAR)
BEHIND = Arrangement(0, (1, 4), (0.07, 0.16), 0.5)  # what is out of focus behind the others


def draw_arrangement(rng: np.random.Generator) -> Arrangement:
    """Return one by its odds."""
    odds = [arrangement.odds for arrangement in _ARRANGEMENTS]
    return _ARRANGEMENTS[rng.choice(len(_ARRANGEMENTS), p=odds)]


def compose(
    arrangement: Arrangement, tilts: tuple[float, float], rng: np.random.Generator
) -> list[Pose]:
    """Return the heads, the far ones first; those of a picture are turned alike."""
    low, high = arrangement.radius
    tilt, light = rng.uniform(*tilts), rng.uniform(-np.pi, 0)
    poses = []
    for _ in range(int(rng.integers(arrangement.count[0], arrangement.count[1] + 1))):
        x, y = rng.uniform(-1, 1, 2) * arrangement.spread
        pose = Pose(
            x=0.5 + x,
            y=0.47 + 0.8 * y,
            radius=rng.uniform(low, high),
            tilt=float(np.clip(tilt + rng.normal(0, 0.2), *_TILT_LIMITS)),
            roll=rng.normal(0, 0.3),
            spin=rng.uniform(0, 2 * np.pi),
            light=light,
        )
        if arrangement.grassy:
            pose = replace(pose, radius=low + (high - low) * pose.y)
        poses.append(pose)
    return sorted(poses, key=lambda pose: pose.radius)

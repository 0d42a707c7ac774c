"""Where a flower's head is and how it is turned, and whorls of petals around its axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from poets.datasets.painting.canvas import Array, Canvas
from poets.datasets.painting.strips import Pigment, paint_strip, profile

_N = 12  # points of a petal's edge
_U = np.sin(np.linspace(0, np.pi / 2, _N))  # denser towards the tip, where it is round
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True)
class Pose:
    """Where a head is and how it is turned; angles in radians."""

    x: float
    y: float
    radius: float
    tilt: float  # 0: its axis points at the viewer; pi / 2: up in the picture
    roll: float  # turns a tilted axis clockwise
    spin: float  # around the axis
    light: float  # where in the picture the light comes from: 0 right, -pi / 2 above

    @property
    def far(self) -> bool:
        """Whether it is too small to show every petal."""
        return self.radius < 0.1

    @property
    def centre(self) -> Array:
        """The middle of the head, [2]."""
        return np.array([self.x, self.y])

    def project(self, points: Array) -> tuple[Array, Array]:
        """Return the place [..., 2] and the nearness [...] of points [..., 3] of the head.

        A head's own radius is 1, its third coordinate runs along its axis.
        """
        x, y = _turn(points[..., 0], points[..., 1], self.spin)
        z = points[..., 2]
        down = y * np.cos(self.tilt) - z * np.sin(self.tilt)
        near: Array = y * np.sin(self.tilt) + z * np.cos(self.tilt)
        turned = np.stack(_turn(x, down, self.roll), axis=-1)
        return self.centre + self.radius * turned, near


@dataclass(frozen=True)
class Whorl:
    """A ring of petals around the axis; lengths in units of the head's radius."""

    count: int
    length: float
    width: float
    shape: tuple[float, float] = (0.5, 0.2)  # exponents of base and tip, see profile()
    start: float = 0.0  # distance of the petals' base from the axis
    height: float = 0.0  # of the petals' base along the axis
    rise: float = 0.0  # how far a tip stands along the axis
    curl: float = 0.0  # how far a tip bends forward (above 0) or back
    flare: float = 1.0  # below 1 the petal first leaves the axis, then runs along it
    facets: int = 1  # more than 1: the petal is wrapped around the axis
    phase: float = 0.0  # turned by this much of the angle between two petals
    jitter: float = 0.1

    def petals(self, rng: np.random.Generator) -> Array:
        """Return each petal's lines in the head's coordinates, [count, n, facets + 1, 3]."""
        wild = rng.normal(0, self.jitter, (4, self.count, 1, 1))
        turn = np.arange(self.count)[:, None, None] + self.phase + 0.8 * wild[0]
        u = _U[:, None]
        length = self.length * (1 + wild[1])
        v = np.linspace(-0.5, 0.5, self.facets + 1) * self.width * (1 + wild[2])
        v = v * profile(u, *self.shape) + 0.5 * wild[3] * self.length * u**2
        radius = self.start + length * u**self.flare
        z = self.height + self.rise * length * u ** (1 / self.flare) + self.curl * length * u**2.5
        angle = 2 * np.pi / self.count * turn
        if self.facets > 1:
            angle, v = angle + v / (self.start + self.length), 0 * v
        x, y = _turn(radius, v, angle)
        return np.stack([x, y, z + 0 * v], axis=-1)


def paint_whorls(
    canvas: Canvas,
    pose: Pose,
    whorls: Sequence[tuple[Whorl, Pigment]],
    rng: np.random.Generator,
) -> None:
    """Draw rings of petals, the far ones first, each facet in the light that falls on it."""
    petals: list[tuple[float, Array, Array, Pigment]] = []
    for whorl, pigment in whorls:
        places, near = pose.project(whorl.petals(rng))
        nearness = near.mean(axis=(1, 2)) + rng.normal(0, 0.02, whorl.count)
        lights = _lights(pose, places) + rng.normal(0, 0.03, (whorl.count, 1))
        petals += [
            (*petal, pigment) for petal in zip(nearness.tolist(), places, lights, strict=True)
        ]
    for _, strip, lights, pigment in sorted(petals, key=lambda petal: petal[0]):
        paint_strip(canvas, strip, pigment, lights, 0.012 * pose.radius)


def _lights(pose: Pose, petals: Array) -> Array:
    """Return the light on each facet of petals [count, n, m, 2], around 1: [count, m - 1]."""
    middle = petals[:, _N // 2] - pose.centre
    middle = (middle[:, 1:] + middle[:, :-1]) / 2
    lights: Array = 0.95 + 0.12 * np.cos(np.arctan2(middle[..., 1], middle[..., 0]) - pose.light)
    return lights


def _turn(x: Array, y: Array, angle: Array | float) -> tuple[Array, Array]:
    cos, sin = np.cos(angle), np.sin(angle)
    return x * cos - y * sin, x * sin + y * cos


def fibonacci_sphere(count: int) -> Array:
    """Return directions [count, 3], spread evenly as a sunflower's seeds are."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    angle = np.arange(count) * _GOLDEN_ANGLE
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=-1)


def spiral(count: int, radius: float, dome: float = 0.0) -> Array:
    """Return points [count, 3] spread over a disc as a sunflower's seeds are (Vogel, 1979)."""
    k = np.arange(count)
    share = np.sqrt((k + 0.5) / count)
    x, y = radius * share * np.cos(k * _GOLDEN_ANGLE), radius * share * np.sin(k * _GOLDEN_ANGLE)
    return np.stack([x, y, dome * (1 - share**2)], axis=-1)

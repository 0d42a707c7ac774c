"""The disc of florets in the middle of a daisy or a sunflower."""

import numpy as np

from poets.datasets.painting.canvas import BLACK, Canvas, Colour, lit, mix
from poets.datasets.painting.pose import Pose, spiral


def paint_disc(
    canvas: Canvas, pose: Pose, radius: float, colour: Colour, rng: np.random.Generator
) -> None:
    """Draw a domed disc of dots, each with a shadow on the side away from the light."""
    around = np.linspace(0, 2 * np.pi, 24)
    edge = 1.06 * radius * np.stack([np.cos(around), np.sin(around), 0 * around], axis=-1)
    canvas.polygon(pose.project(edge)[0], lit(colour, 0.55))
    count = int(np.clip(550 * pose.radius, 20, 180))
    places, near = pose.project(spiral(count, radius, 0.45 * radius))
    toward = np.array([np.cos(pose.light), np.sin(pose.light)])
    sunny = (places - pose.centre) @ toward / (radius * pose.radius)
    light = 0.82 + 0.22 * sunny + rng.uniform(-0.06, 0.06, count)
    size = 1.1 * radius * pose.radius / np.sqrt(count)
    lights = light.clip(0, 1).tolist()
    for i in np.argsort(near).tolist():
        canvas.disc(places[i], 1.25 * size, mix(BLACK, colour, 0.75 * lights[i]))
        canvas.disc(places[i] + 0.3 * size * toward, 0.8 * size, mix(BLACK, colour, lights[i]))

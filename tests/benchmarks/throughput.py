"""Labelling many pictures, against the forward pass alone on as many generated inputs.

    python -m tests.benchmarks.throughput tf_files/retrained_graph.pb tf_files/flower_photos

The ratio that counts is the second line's inverse: pictures a second, read and decoded, to what
the runtime alone would do on the same cores.
"""

from pathlib import Path

import click
import numpy as np

from poets.config.label import LabelConfig
from poets.parallel import map_on_cores
from poets.predict import score_images
from poets.preprocess import FloatArray
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from tests.benchmarks.ratios import medians, show

SUFFIXES = {".jpg", ".jpeg", ".png"}


@click.command()
@click.argument("graph", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--pictures", default=300, show_default=True, help="How many to label in a turn.")
@click.option("--rounds", default=5, show_default=True, help="Turns of each way.")
def main(graph: Path, folder: Path, pictures: int, rounds: int) -> None:
    """Print the median seconds of each way, and the ratio to the forward pass alone."""
    model = open_model(LabelConfig(graph=graph))
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    paths = found[:pictures]
    size = (model.preprocess.height, model.preprocess.width, 3)
    values = np.random.default_rng(0).standard_normal(size, dtype=np.float32)
    ways = {
        "forward pass alone": lambda: _forward(model, [values] * len(paths)),
        "labelling": lambda: sum(one.scores is not None for one in score_images(model, paths)),
        "decoding alone": lambda: _decode(model, paths),
    }
    show(medians(ways, rounds), "forward pass alone")


def _forward(model: Model, inputs: list[FloatArray]) -> None:
    for _ in map_on_cores(lambda: model.make_runner().run, inputs):
        pass


def _decode(model: Model, paths: list[Path]) -> None:
    for _ in map_on_cores(lambda: model.preprocess.load, paths):
        pass


if __name__ == "__main__":
    main()

"""One photo from a cold start, against a command that does nothing but import TensorFlow.

python -m tests.benchmarks.cold_start tf_files/retrained_graph.pb photo.jpg
"""

import subprocess
import sys
from pathlib import Path

import click

from tests.benchmarks.ratios import medians, show
from tests.support.commands import COMMANDS


@click.command()
@click.argument("graph", type=click.Path(exists=True, path_type=Path))
@click.argument("picture", type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=5, show_default=True, help="Turns of each command.")
def main(graph: Path, picture: Path, rounds: int) -> None:
    """Print the median seconds of each command, and the ratio to importing TensorFlow."""
    commands = {
        "label-image": [COMMANDS / "label-image", "--graph", graph, picture],
        "label-image --help": [COMMANDS / "label-image", "--help"],
        "import numpy": [sys.executable, "-c", "import numpy"],
        "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    }
    ways = {
        name: lambda command=command: subprocess.run(command, check=True, capture_output=True)
        for name, command in commands.items()
    }
    show(medians(ways, rounds), "import tensorflow")


if __name__ == "__main__":
    main()

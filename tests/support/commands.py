"""Running the installed commands as a user does."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.forked import AT_START, MODULES, run_forked

TOP = Path(__file__).parents[2]
COMMANDS = Path(sys.executable).parent
Output = subprocess.CompletedProcess[str]


def run_in(folder: Path, *arguments: str | Path, **environment: str) -> Output:
    """Run one of the installed commands, or another program, in `folder`.

    The commands are forked off one that has imported what they need, unless they are told what
    counts when Python starts: PYTHONHASHSEED, say, which tests of equal bytes tell them.
    """
    name, *rest = (str(argument) for argument in arguments)
    if name in MODULES and not any(key.startswith(AT_START) for key in environment):
        return run_forked(folder, [str(COMMANDS / name), *rest], os.environ | environment)
    program = str(COMMANDS / name) if (COMMANDS / name).exists() else name
    return subprocess.run(
        [program, *rest],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@dataclass(frozen=True)
class Trained:
    """A folder in which `retrain` ran, and what it said."""

    folder: Path  # the working folder, with tf_files/ in it
    image_dir: Path
    output: Output

    @property
    def graph(self) -> Path:
        """The joined graph."""
        return self.folder / "tf_files" / "retrained_graph.pb"

    @property
    def tflite(self) -> Path:
        """The same for LiteRT."""
        return self.graph.with_suffix(".tflite")

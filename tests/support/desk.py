"""A user's desk: a working folder with pictures in it, and networks that are ready."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import Output, run_in

NETWORK = "mobilenet_0.25_128"
QUICK = ("--architecture", NETWORK, "--how_many_training_steps", "50")


@dataclass(frozen=True)
class Desk:
    """Where commands run; `retrain` is told the quickest network and few steps."""

    folder: Path
    models: Path

    @property
    def pictures(self) -> Path:
        """The pictures, one sub-folder a label."""
        return self.folder / "pictures"

    @property
    def tf_files(self) -> Path:
        """Where the commands leave what they make."""
        return self.folder / "tf_files"

    @property
    def graph(self) -> Path:
        """The trained graph."""
        return self.tf_files / "retrained_graph.pb"

    def arguments(self, *more: str | Path) -> list[str]:
        """Return the words of a quick `retrain`; a flag that comes again in `more` wins."""
        flags = ("--image_dir", "pictures", "--model_dir", self.models, *QUICK, *more)
        return ["retrain", *map(str, flags)]

    def retrain(self, *more: str | Path, **environment: str) -> Output:
        """Run `retrain` on the pictures."""
        return run_in(self.folder, *self.arguments(*more), **environment)

    def label(self, *arguments: str | Path, **environment: str) -> Output:
        """Run `label-image`."""
        return run_in(self.folder, "label-image", *arguments, **environment)

    def results(self) -> dict[str, bytes]:
        """Return what a training made, by name; nothing where it made nothing."""
        return {path.name: path.read_bytes() for path in sorted(self.tf_files.glob("retrained_*"))}


def refusal(output: Output, code: int) -> str:
    """Return what an error says, checked to be one that a user can read."""
    assert output.returncode == code, output.stderr
    assert output.stdout == ""
    assert "Traceback" not in output.stderr
    assert output.stderr.count("Error: ") == 1
    return output.stderr[output.stderr.index("Error: ") :]


def contents(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return mode, time of change and content of all that is in a folder, by relative path."""
    return {str(path.relative_to(folder)): _state(path) for path in sorted(folder.rglob("*"))}


def _state(path: Path) -> tuple[int, int, str]:
    status = path.lstat()
    content = ""
    if path.is_symlink():
        content = str(path.readlink())
    elif path.is_file():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return status.st_mode, status.st_mtime_ns, content

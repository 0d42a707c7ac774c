"""What numbers depend on: the settings of a training, and the versions."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from poets.config.data import SplitConfig
from poets.config.distort import DistortConfig
from poets.config.fine_tune import FineTuneConfig
from poets.config.flags import defaults_of
from poets.config.head import HeadConfig
from poets.config.train import TrainConfig

_SETTINGS = (TrainConfig, HeadConfig, SplitConfig, DistortConfig, FineTuneConfig)
_ALWAYS = {"how_many_training_steps", "learning_rate", "train_batch_size", "seed"}
_PACKAGES = {"poets": "poets", "numpy": "NumPy", "pillow": "Pillow", "ai-edge-litert": "LiteRT"}


def trained_with(training: Mapping[str, object]) -> str:
    """Say what a manifest knows of a training: what tells most, and what was not as usual."""
    if not isinstance(training, Mapping):  # a manifest may hold anything
        return ""
    usual = {name: value for group in _SETTINGS for name, value in defaults_of(group).items()}
    told = {n: v for n, v in training.items() if n in _ALWAYS or v != usual.get(n)}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def versions() -> tuple[tuple[str, str], ...]:
    """Return what is installed, by its name."""
    found = [f"{title} {_version(package)}" for package, title in _PACKAGES.items()]
    return (("Versions", ", ".join([*found, f"Python {platform.python_version()}"])),)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a folder of sources
        return "?"

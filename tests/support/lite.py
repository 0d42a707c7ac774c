"""The networks whose weights come with pip."""

import os
from pathlib import Path

import pytest

from poets.backbones.sources import PipSource
from poets.backbones.table import BACKBONES
from poets.report import Reporter

SOURCES = {
    name: spec.source for name, spec in BACKBONES.items() if isinstance(spec.source, PipSource)
}
INSTALLED = [name for name, source in SOURCES.items() if source.is_here(Path())]


def lite_weights(name: str) -> Path:
    """Return the installed file; skip without the package, but under CI=true fail."""
    if name not in INSTALLED and os.environ.get("CI") != "true":
        pytest.skip(f"{SOURCES[name].distribution} is not installed")
    return SOURCES[name].fetch(Path(), Reporter())

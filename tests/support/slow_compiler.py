"""What makes a network of pixels, but only when it is told to."""

from pathlib import Path
from threading import Event

from poets.backbones.pixels import compile_pixels
from poets.backbones.spec import BackboneSpec

COMPILER = "tests.support.slow_compiler:compile_slowly"
begun: list[str] = []
go_on = Event()


def compile_slowly(spec: BackboneSpec, weights: Path, folder: Path) -> int:
    begun.append(spec.name)
    assert go_on.wait(30)
    return compile_pixels(spec, weights, folder)

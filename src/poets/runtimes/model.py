"""What every runtime offers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from poets.manifest import Manifest
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.inner import InnerRunner

LITERT_INNER = "poets.runtimes.litert_inner:LiteRTInner"  # labelling alone does not need it


class Runner(Protocol):
    """A model that is ready to run; used by one thread at a time."""

    def run(self, values: FloatArray) -> FloatArray:
        """Map one picture, f32[height, width, channels], to its scores, f32[n_labels]."""


@dataclass(frozen=True)
class Model:
    """A graph that was opened: what it wants, what it names, and how to run it."""

    labels: tuple[str, ...]
    preprocess: Preprocess
    make_runner: Callable[[], Runner]  # one for each thread
    # For a runtime that shares each batch out itself: f32[n, *input] to f32[n, n_labels].
    run_batch: Callable[[FloatArray], FloatArray] | None = None
    assumed: tuple[str, ...] = ()  # what the graph did not say, or the user need not
    manifest: Manifest | None = None  # None for a graph from elsewhere
    make_inner: Callable[[], InnerRunner] | None = None  # one for each thread

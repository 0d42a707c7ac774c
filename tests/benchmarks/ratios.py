"""Timing several ways in turns, so that what else the machine does slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping


def medians(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median of each way's seconds, over rounds in which each has its turn."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def show(seconds: Mapping[str, float], measure: str) -> None:
    """Print each way's seconds, and its ratio to those of `measure`."""
    width = max(map(len, seconds))
    for name, taken in seconds.items():
        print(f"{name:{width}}  {taken:8.3f} s  {taken / seconds[measure]:6.3f}")

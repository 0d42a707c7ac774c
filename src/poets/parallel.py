"""Work spread over the cores with threads, for code that lets go of the interpreter lock."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 4  # items in flight a core: enough to keep it busy, few enough to hold in memory


def available_cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def first_then(first: T, make: Callable[[], T]) -> Callable[[], T]:
    """Return what hands out the one that is there already, then new ones; threads may share it."""
    ready = deque([first])

    def hand_out() -> T:
        try:
            return ready.popleft()
        except IndexError:
            return make()

    return hand_out


class CorePool(Generic[T, R]):
    """A worker in a thread on each core, kept for several rounds of work."""

    def __init__(self, make_worker: Callable[[], Callable[[T], R]]) -> None:
        """Each thread makes a worker for itself; the first is made here, and may raise."""
        self._make_worker = first_then(make_worker(), make_worker)
        self._own = threading.local()
        self._cores = available_cores()
        self._pool = ThreadPoolExecutor(self._cores, thread_name_prefix="poets")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads; what is not begun is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def map(self, items: Iterable[T]) -> Iterator[R]:
        """Yield worker(item) in the order of `items`, few of them in memory at once."""
        flying: deque[Future[R]] = deque()
        for item in items:
            flying.append(self._pool.submit(self._work, item))
            if len(flying) >= _AHEAD * self._cores:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()

    def _work(self, item: T) -> R:
        if not hasattr(self._own, "worker"):
            self._own.worker = self._make_worker()
        result: R = self._own.worker(item)
        return result


def map_on_cores(make_worker: Callable[[], Callable[[T], R]], items: Iterable[T]) -> Iterator[R]:
    """Yield worker(item) in the order of `items`; each thread makes a worker for itself."""
    with CorePool(make_worker) as pool:
        yield from pool.map(items)

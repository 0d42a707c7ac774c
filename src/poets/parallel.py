"""Work spread over the cores with threads, for code that lets go of the interpreter lock."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 4  # items in flight a core: enough to keep it busy, few enough to hold in memory


def available_cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def map_on_cores(make_worker: Callable[[], Callable[[T], R]], items: Iterable[T]) -> Iterator[R]:
    """Yield worker(item) in the order of `items`; each thread makes a worker for itself."""
    own = threading.local()
    ready = deque([make_worker()])  # here: what it raises or says comes before the work

    def work(item: T) -> R:
        if not hasattr(own, "worker"):
            try:
                own.worker = ready.popleft()
            except IndexError:
                own.worker = make_worker()
        result: R = own.worker(item)
        return result

    cores = available_cores()
    pool = ThreadPoolExecutor(cores, thread_name_prefix="poets")
    flying: deque[Future[R]] = deque()
    try:
        for item in items:
            flying.append(pool.submit(work, item))
            if len(flying) >= _AHEAD * cores:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)

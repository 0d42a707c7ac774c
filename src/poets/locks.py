"""One process at a time: a lock is gone with whoever holds it, however that ends."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path

from poets.files import output_errors

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}  # what file systems say that have none


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Let this process alone make `path` in this block, beside which `.<name>.lock` then is.

    `waiting` is called before waiting for another one that does. Raises OutputError.
    """
    place = path.with_name(f".{path.name}.lock")
    with output_errors(path):
        place.parent.mkdir(parents=True, exist_ok=True)
        file = lock(place, waiting)
    try:
        yield
    finally:
        place.unlink(missing_ok=True)  # whoever waits for it finds that it is no longer there
        file.close()


def lock(path: Path, waiting: Callable[[], None]) -> FileIO:
    """Return the file at `path`, made where it is missing, held until it is closed.

    Where the file system has no locks nobody waits: two that make the same do it twice.
    """
    while True:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("ab", buffering=0))
            _wait_for_lock(file, waiting)
            if is_at(file, path):  # else whoever held the lock before has moved or removed it
                stack.pop_all()
                return file


def is_at(file: FileIO, path: Path) -> bool:
    """Tell whether an open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _wait_for_lock(file: FileIO, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise

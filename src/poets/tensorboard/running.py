"""What listens at an address: a TensorBoard, and on which folder, or another program."""

import json
import os
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import gethostname

from tensorboard import manager

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
_PATIENCE = 5.0  # seconds that a program which listens has to answer
_LARGEST = 1 << 20  # bytes of an answer


@dataclass(frozen=True)
class Address:
    """Where TensorBoard listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return what a browser takes."""
        host = gethostname() if self.host in _EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


@dataclass(frozen=True)
class Running:
    """A TensorBoard that answers."""

    logdir: str  # as it was told: where it was started by hand, perhaps from its working folder
    pid: int | None  # None where TensorBoard's list of what runs does not name it

    def shows(self, logdir: Path) -> bool:
        """Tell whether it shows that folder."""
        started_in = Path("/proc", str(self.pid), "cwd")
        return (started_in / self.logdir).resolve() == logdir.resolve()


class OtherProgramError(Exception):
    """What listens is not TensorBoard."""


class SilentError(OtherProgramError):
    """It listens, and says nothing."""


def find_running(address: Address) -> Running | None:
    """Ask what listens at an address; return None where nothing does.

    Raises OtherProgramError where it is not TensorBoard.
    """
    connection = HTTPConnection(address.host, address.port, timeout=_PATIENCE)
    try:
        connection.connect()
    except (OSError, UnicodeError):  # a host may be no name at all
        return None
    try:
        logdir = _ask_logdir(connection)
    except TimeoutError as error:
        raise SilentError from error
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        raise OtherProgramError from error
    finally:
        connection.close()
    return Running(logdir, _find_pid(address.port, logdir))


def wake(address: Address) -> None:
    """Have it look for what its tabs can show: the first time it says that there are no points."""
    connection = HTTPConnection(address.host, address.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/data/plugins_listing")
        connection.getresponse().read(_LARGEST)
    except (OSError, HTTPException):  # it is busy, and a second look at the page shows them
        pass
    finally:
        connection.close()


def _ask_logdir(connection: HTTPConnection) -> str:
    connection.request("GET", "/data/environment")
    environment = json.loads(connection.getresponse().read(_LARGEST))
    return str(environment["data_location"])


def _find_pid(port: int, logdir: str) -> int | None:
    """Look a TensorBoard up in its own list, to which every user of the machine can write."""
    try:
        listed = manager.get_all()
    except (OSError, ValueError):
        return None
    found = [info for info in listed if (info.port, info.logdir) == (port, logdir)]
    alive = [info for info in found if _is_alive(info.pid)]
    return max(alive, key=lambda info: info.start_time).pid if alive else None


def _is_alive(pid: int) -> bool:
    """Tell whether a process of this user has that number; others it could not stop anyway."""
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return pid > 0

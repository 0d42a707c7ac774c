"""The errors a user can cause, each with its exit code and a remedy."""


class PoetsError(Exception):
    """What went wrong, and in `hint` what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PoetsError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class OutputError(UsageError):
    """A file cannot be written where the command line wants it."""


class DataError(PoetsError):
    """The pictures cannot be used as they are."""

    exit_code = 3


class ModelError(PoetsError):
    """A backbone or a graph cannot be had, read or run."""

    exit_code = 4


class UnavailableError(ModelError):
    """The weights of a backbone are not here and cannot be fetched."""


class AccuracyError(PoetsError):
    """The accuracy is below the gate that was asked for."""

    exit_code = 5


EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE

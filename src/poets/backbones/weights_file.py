"""Reading a file of weights into memory, within limits."""

from pathlib import Path

from poets.errors import ModelError


def read_weights(path: Path, max_bytes: int, hint: str) -> bytes:
    """Return a regular file's bytes; raises ModelError naming the file where it cannot."""
    try:
        if path.exists() and not path.is_file():  # a pipe would block
            raise ModelError(f"{path}: not a file.", hint=hint)
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"{path}: {reason}.", hint=hint) from error
    if len(content) > max_bytes:
        raise ModelError(f"{path}: more than {max_bytes:,} bytes.", hint=hint)
    return content

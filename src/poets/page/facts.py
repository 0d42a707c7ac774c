"""The versions that numbers may depend on."""

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = {"poets": "poets", "numpy": "NumPy", "pillow": "Pillow", "ai-edge-litert": "LiteRT"}


def versions() -> tuple[tuple[str, str], ...]:
    """Return what is installed, by its name."""
    found = [f"{title} {_version(package)}" for package, title in _PACKAGES.items()]
    return (("Versions", ", ".join([*found, f"Python {platform.python_version()}"])),)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a folder of sources
        return "?"

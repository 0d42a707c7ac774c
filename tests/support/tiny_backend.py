"""Builds the tiny project of test_setup_sh: its command, and a file that counts installations.

pip runs it in the project's folder. A named pipe `hold` there stops it until it is written to.
"""

import zipfile
from pathlib import Path

_METADATA = "Metadata-Version: 2.1\nName: tiny\nVersion: 1\nProvides-Extra: test\n"
_FILES = {
    "tiny.py": "def main() -> None:\n    print('tiny runs')\n",
    "tiny-1.dist-info/METADATA": _METADATA,
    "tiny-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "tiny-1.dist-info/entry_points.txt": "[console_scripts]\npoets = tiny:main\n",
    "tiny-1.dist-info/RECORD": "",
}


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, str] | None = None,  # noqa: ARG001 - the interface of pip
    metadata_directory: str | None = None,  # noqa: ARG001
) -> str:
    """Write the wheel that pip asks for."""
    with Path("installations").open("a") as file:
        file.write("one\n")
    if Path("hold").exists():
        Path("hold").read_bytes()
    if Path("broken").exists():
        raise RuntimeError("the project is broken")
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as wheel:
        for path, content in _FILES.items():
            wheel.writestr(path, content)
    return name

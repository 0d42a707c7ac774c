"""Where the codelab keeps its files."""

from pathlib import Path

TF_FILES = Path("tf_files")

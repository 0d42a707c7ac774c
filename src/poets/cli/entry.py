"""Where the console commands begin: nothing is imported yet, and Ctrl+C is no traceback."""

import sys
from importlib import import_module
from typing import NoReturn


def retrain() -> NoReturn:
    """Run `retrain`."""
    _start("poets.cli.retrain")


def label_image() -> NoReturn:
    """Run `label-image`."""
    _start("poets.cli.label_image")


def poets() -> NoReturn:
    """Run `poets`."""
    _start("poets.cli.poets")


def _start(module: str) -> NoReturn:
    try:
        main = import_module(module).main
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was begun.\n")
        sys.exit(130)
    sys.exit(main())

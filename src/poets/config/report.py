"""What is told on the way."""

from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup

VERBOSITIES = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")


@dataclass(frozen=True, kw_only=True)
class ReportConfig(FlagGroup):
    """What is told on the way."""

    print_misclassified_test_images: Annotated[
        bool, Flag("List the test pictures that were named wrong.")
    ] = False
    logging_verbosity: Annotated[
        str, Flag("Least important lines to show.", choices=VERBOSITIES)
    ] = "INFO"

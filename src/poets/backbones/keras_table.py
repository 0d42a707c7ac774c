"""The networks of keras.applications, each with the weights that Keras publishes for it.

Addresses, checksums and numbers are those of Keras 3.15; a test asks Keras for each of them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ROWS = Path(__file__).with_name("keras_models.csv")
_HOST = "https://storage.googleapis.com"


@dataclass(frozen=True)
class KerasModel:
    """One network: ImageNet weights, no classifier, features averaged over the picture."""

    name: str
    network: str  # "module:function" in keras.applications
    options: Mapping[str, float]  # for the function
    size: int  # of the pictures that the weights were made with
    min_size: int
    feature_size: int
    parameters: int
    weights: str  # address
    checksum: str  # SHA-256 or MD5, whichever Keras has; "" where it has none

    @property
    def module(self) -> str:
        """The module of keras.applications, which also has the fitting preprocess_input."""
        return self.network.partition(":")[0]

    @property
    def function(self) -> str:
        """The function that builds the network."""
        return self.network.partition(":")[2]

    @property
    def sha256(self) -> str | None:
        """The checksum where it is a SHA-256."""
        return self.checksum if len(self.checksum) == 64 else None

    @property
    def md5(self) -> str | None:
        """The checksum where it is an MD5."""
        return self.checksum if len(self.checksum) == 32 else None


def _read() -> dict[str, KerasModel]:
    with _ROWS.open(encoding="ascii", newline="") as file:
        return {row["name"]: _model(row) for row in csv.DictReader(file)}


def _model(row: Mapping[str, str]) -> KerasModel:
    options = (option.partition("=") for option in row["options"].split())
    return KerasModel(
        name=row["name"],
        network=row["network"],
        options={name: float(value) for name, _, value in options},
        size=int(row["size"]),
        min_size=int(row["min_size"]),
        feature_size=int(row["features"]),
        parameters=int(row["parameters"]),
        weights=f"{_HOST}/{row['weights']}",
        checksum=row["checksum"],
    )


KERAS_MODELS = _read()

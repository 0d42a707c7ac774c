"""Retrain an image classifier from a folder of pictures.

import poets

classifier = poets.load("tf_files/retrained_graph.pb")
for predictions in classifier.label(["rose.jpg", "tulip.jpg"]):
    print(predictions[0].label, predictions[0].score)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poets.api import ImageClassifier as ImageClassifier
    from poets.api import load as load
    from poets.errors import AccuracyError as AccuracyError
    from poets.errors import DataError as DataError
    from poets.errors import ModelError as ModelError
    from poets.errors import PoetsError as PoetsError
    from poets.errors import UsageError as UsageError
    from poets.predict import Prediction as Prediction

__version__ = "0.1.0"

# Imported when they are asked for: the commands need not wait for NumPy to say --help.
_PUBLIC = {
    "ImageClassifier": "poets.api",
    "load": "poets.api",
    "Prediction": "poets.predict",
    "PoetsError": "poets.errors",
    "UsageError": "poets.errors",
    "DataError": "poets.errors",
    "ModelError": "poets.errors",
    "AccuracyError": "poets.errors",
}
__all__ = [*_PUBLIC, "__version__"]  # noqa: PLE0604 - the names of the table


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute
    if name not in _PUBLIC:
        raise AttributeError(f"module 'poets' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

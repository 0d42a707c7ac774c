import inspect
from pathlib import Path

import pytest

from poets.datasets.flower_photos import LABELS
from poets.datasets.table import DATASETS, fetch_dataset
from poets.errors import UsageError
from poets.registry import load
from poets.report import Reporter


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_is_called_alike(name: str, tmp_path: Path) -> None:
    spec = DATASETS[name]

    assert inspect.signature(load(spec.loader)).bind(tmp_path, reporter=Reporter())
    assert spec.name == name
    assert spec.description


def test_some_pictures_can_be_had_offline() -> None:
    assert any(spec.offline for spec in DATASETS.values())


def test_an_unknown_data_set_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'flower_photos'") as caught:
        fetch_dataset("flower_photo", tmp_path, Reporter())
    assert "painted_flowers" in caught.value.hint


def test_a_data_set_is_brought_by_its_name(tmp_path: Path) -> None:
    for label in LABELS:  # as if it had been brought before
        (tmp_path / label).mkdir()

    assert fetch_dataset("flower_photos", tmp_path, Reporter()) == tmp_path

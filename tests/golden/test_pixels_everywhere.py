"""Gray pixels and a hidden layer through every export, and digits that pixels tell apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import tf
from poets.backbones.table import find_backbone
from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig
from poets.config.head import HeadConfig
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.export.table import EXPORTERS
from poets.export.weight_pictures import SHEET, write_weights
from poets.pipeline import retrain
from poets.report import Reporter
from tests.support.pictures import encoded, gradient
from tests.support.retraining import config_in, with_output


def pixels_config(folder: Path, architecture: str) -> RetrainConfig:
    backbone = BackboneConfig(
        architecture=architecture,
        model_dir=folder / "models",
        bottleneck_dir=folder / "bottlenecks",
    )
    return replace(config_in(folder), backbone=backbone)


@pytest.mark.parametrize("architecture", ["pixels_8_gray", "pixels_8"])
def test_every_export_scores_as_the_head_does(tmp_path: Path, architecture: str) -> None:
    config = with_output(pixels_config(tmp_path, architecture), export=",".join(EXPORTERS))
    head = HeadConfig(hidden_units=12, optimizer="adam")

    result = retrain(replace(config, head=head), Reporter())

    assert result.published.proofs.keys() == EXPORTERS.keys()
    for name, proofs in result.published.proofs.items():
        for way, proof in proofs.items():
            assert proof.pictures > 0
            assert proof.max_difference < (0.1 if EXPORTERS[name].reduced else 1e-2), (name, way)


def test_a_saved_model_makes_a_colour_picture_gray_as_pillow_does(tmp_path: Path) -> None:
    config = pixels_config(tmp_path, "pixels_8_gray")
    result = retrain(with_output(config, export="saved_model"), Reporter())
    signatures = tf.saved_model.load(str(result.published.files["saved_model"])).signatures
    content = encoded(gradient(8, 8))
    values = find_backbone("pixels_8_gray").preprocess.load(content)

    of_bytes = signatures["bytes"](image_bytes=tf.constant([content]))["prediction"].numpy()

    of_floats = signatures["image"](image=tf.constant(values[np.newaxis]))["prediction"].numpy()
    assert np.abs(of_bytes - of_floats).max() < 0.02


def test_digits_are_told_apart_by_their_pixels(shared: Path, tmp_path: Path) -> None:
    config = RetrainConfig(
        data=DataConfig(image_dir=shared / "data" / "digits"),
        backbone=BackboneConfig(
            architecture="pixels_28_gray",
            model_dir=tmp_path / "models",
            bottleneck_dir=tmp_path / "bottlenecks",
        ),
        output=OutputConfig(
            output_graph=tmp_path / "graph.pb",
            output_labels=tmp_path / "labels.txt",
            summaries_dir=tmp_path / "summaries",
        ),
    )

    result = retrain(config, Reporter())

    assert result.evaluation.n > 150
    assert result.evaluation.accuracy >= 0.88
    files = write_weights(tmp_path / "graph.tflite", tmp_path / "weights")
    assert [path.name for path in files] == [
        SHEET,
        *(f"{digit}_{digit}.png" for digit in range(10)),
    ]

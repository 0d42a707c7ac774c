"""The command line on the page does the same again."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from poets.cli.retrain import command, make_config
from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.distort import DistortConfig
from poets.config.output import OutputConfig
from poets.config.page import PageConfig
from poets.config.report import ReportConfig
from poets.config.retrain import RetrainConfig
from poets.config.train import TrainConfig
from poets.page.command import command_line

USUAL = RetrainConfig(data=DataConfig(image_dir=Path("flowers")))
CONFIGS = {
    "usual": USUAL,
    "quoted": replace(USUAL, data=DataConfig(image_dir=Path('it\'s my $HOME `ls` \\ "dir"/*'))),
    "dashed": replace(USUAL, data=DataConfig(image_dir=Path("-rf --image_dir"))),
    "unicode": replace(USUAL, data=DataConfig(image_dir=Path("牡丹 🌷/\u202e"), strict=True)),
    "numbers": replace(
        USUAL,
        train=TrainConfig(seed=7, learning_rate=1e-5, validation_batch_size=-1),
        distort=DistortConfig(flip_left_right=True, random_crop=10, distortion_variants=0),
        data=DataConfig(image_dir=Path("flowers"), split=SplitConfig(testing_percentage=20)),
    ),
    "outputs": replace(
        USUAL,
        output=OutputConfig(
            output_graph=Path("a b/c.pb"), export="onnx,tflite_int8", assert_accuracy_at_least=0.5
        ),
        backbone=BackboneConfig(architecture="mobilenet_0.25_128", image_size=128),
        page=PageConfig(report=Path("my page.html")),
        report=ReportConfig(logging_verbosity="WARN"),
    ),
    "no page": replace(USUAL, page=PageConfig(no_report=True)),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_the_line_is_read_back_as_the_same_settings(case: str) -> None:
    line = command_line(("retrain",), CONFIGS[case])

    name, *words = shlex.split(line)

    assert name == "retrain"
    assert make_config(command.make_context("retrain", words).params) == CONFIGS[case]


def test_only_what_differs_is_in_the_line() -> None:
    assert command_line(("retrain",), USUAL) == "retrain --image_dir flowers"

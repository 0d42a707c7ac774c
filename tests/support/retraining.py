"""`retrain` on painted pictures with the tiny backbone: half a second, and no TensorFlow."""

from dataclasses import replace
from pathlib import Path

from poets.cli import retrain as retrain_command
from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.label import LabelConfig
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.config.train import TrainConfig
from poets.pipeline import RetrainResult, retrain
from poets.report import Reporter
from tests.support.backbones import ARCHITECTURE, tiny_model_dir
from tests.support.calling import Called, call
from tests.support.pictures import paint_folders

COUNT = 20  # pictures a label; with fewer there is a warning


def config_in(folder: Path, count: int = COUNT) -> RetrainConfig:
    """Paint pictures and make the backbone in `folder`; return what retrains on them there."""
    if not (folder / "images").exists():
        paint_folders(folder / "images", count)
    output = OutputConfig(
        output_graph=folder / "graph.pb",
        output_labels=folder / "labels.txt",
        summaries_dir=folder / "summaries",
        intermediate_output_graphs_dir=folder / "intermediate",
    )
    return RetrainConfig(
        data=DataConfig(image_dir=folder / "images"),
        backbone=BackboneConfig(
            architecture=ARCHITECTURE,
            model_dir=tiny_model_dir(folder / "models"),
            bottleneck_dir=folder / "bottlenecks",
        ),
        train=TrainConfig(how_many_training_steps=30),
        output=output,
    )


def retrain_in(folder: Path, reporter: Reporter | None = None) -> RetrainResult:
    """Retrain in `folder`, where graph.pb, graph.tflite and labels.txt appear."""
    return retrain(config_in(folder), reporter or Reporter())


def flags_of(config: RetrainConfig) -> list[str]:
    """Return the flags that tell the command the same."""
    output, backbone = config.output, config.backbone
    flags = {
        "image_dir": config.data.image_dir,
        "architecture": backbone.architecture,
        "model_dir": backbone.model_dir,
        "bottleneck_dir": backbone.bottleneck_dir,
        "how_many_training_steps": config.train.how_many_training_steps,
        "output_graph": output.output_graph,
        "output_labels": output.output_labels,
        "summaries_dir": output.summaries_dir,
        "intermediate_output_graphs_dir": output.intermediate_output_graphs_dir,
    }
    return [word for name, value in flags.items() for word in (f"--{name}", str(value))]


def run_retrain(folder: Path, *more: object) -> Called:
    """Run the command in `folder`."""
    return call(retrain_command.command, *flags_of(config_in(folder)), *more)


def label_config(graph: Path, **others: object) -> LabelConfig:
    """Return what opens a graph."""
    return replace(LabelConfig(graph=graph), **others)  # type: ignore[arg-type]


def with_output(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, output=replace(config.output, **values))  # type: ignore[arg-type]


def with_train(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, train=replace(config.train, **values))  # type: ignore[arg-type]


def with_split(config: RetrainConfig, testing: int, validation: int) -> RetrainConfig:
    split = SplitConfig(testing_percentage=testing, validation_percentage=validation)
    return replace(config, data=replace(config.data, split=split))


def with_backbone(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, backbone=replace(config.backbone, **values))  # type: ignore[arg-type]

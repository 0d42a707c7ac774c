"""The page of results, which takes its place together with the graph."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from poets.backbones.compiled import Backbone
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset
from poets.evaluation.calibration import calibrate
from poets.features.cache import FeatureCache
from poets.features.thumbnails import thumbnails
from poets.files import replacing
from poets.finetune.score import Epoch
from poets.heatmap import heat_maps
from poets.images import keep_out_of_pictures
from poets.page.command import command_line
from poets.page.data import ReportData, Run, Suspects
from poets.page.facts import versions
from poets.page.gather import Sight, Tested, gather
from poets.page.heats import KeptHeatMaps, digest_of
from poets.page.history import History, epoch_curves
from poets.page.places import check_page
from poets.page.render import render
from poets.page.weights import draw_sought
from poets.report import Reporter
from poets.stages.publish import Learned, Published, check_gate, places_of, publish
from poets.stages.suspects import is_quick, judge_all, tell_suspects


@dataclass(frozen=True)
class Story:
    """All that a training has to tell."""

    learned: Learned
    dataset: Dataset
    history: History
    epochs: tuple[Epoch, ...] = ()  # in which the network itself was trained


def check_report(config: RetrainConfig) -> None:
    """Fail before the work, not after it; raises UsageError and OutputError."""
    output = config.output
    place = config.page.place(output.output_graph)
    if place is None:
        return
    keep_out_of_pictures([place], config.data.image_dir)
    others = [(exporter.name, path) for exporter, path in places_of(output).items()]
    check_page(place, config.page, [*others, ("the labels file", output.output_labels)])


def publish_with_report(story: Story, config: RetrainConfig, reporter: Reporter) -> Published:
    """Write what was learned, and the page of results unless it is left out: all of it or nothing.

    Raises as `publish` does, and AccuracyError below the gate that was asked for.
    """
    check_gate(story.learned.evaluation, config.output.assert_accuracy_at_least)
    place = config.page.place(config.output.output_graph)
    if place is None:
        return publish(story.learned, config, reporter)
    with replacing(place) as partial:
        partial.write_text(render(tell(story, config, place)), "utf-8")
        published = publish(story.learned, config, reporter)
    return replace(published, files={**published.files, "report": place})


def tell(story: Story, config: RetrainConfig, place: Path) -> ReportData:
    """Return what the page at `place` shows of a training."""
    learned, dataset = story.learned, story.dataset
    tested = Tested(learned.evaluation, learned.testing.images, config.data.image_dir)
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        heats = KeptHeatMaps(
            cache,
            lambda paths, label_ids: heat_maps((learned.backbone, learned.head), paths, label_ids),
            digest_of(learned.backbone.digest, learned.head),
        )
        sight = Sight(lambda paths: thumbnails(cache, paths), heats, place)
        shown = gather(tested, sight)
        suspects = _suspects(dataset, sight, config)
    return ReportData(
        kind="training",
        title=str(config.output.output_graph),
        summary=_summary(story),
        part="testing",
        evaluation=learned.evaluation,
        calibration=calibrate(learned.evaluation, learned.validated),
        cells=shown.cells,
        mistakes=shown.mistakes,
        curves=(*story.history.curves(), *epoch_curves(story.epochs)),
        suspects=suspects,
        run=_run(story, config),
        sought=draw_sought(learned.head, learned.backbone.preprocess, dataset.labels),
    )


def _summary(story: Story) -> str:
    n_pictures = len(set(story.dataset.training.images))
    learned = f"learned {len(story.dataset.labels):,} labels from {n_pictures:,} pictures"
    return f"{story.learned.backbone.architecture} {learned}"


def _suspects(dataset: Dataset, sight: Sight, config: RetrainConfig) -> Suspects:
    if not is_quick(dataset):
        words = ("poets", "check", str(config.data.image_dir))
        check = command_line(words, config.data.split, config.backbone)
        return Suspects(0, (), "", f"Not looked for among so many: {check} does it.")
    judged = judge_all(dataset, config.data.image_dir)
    how = "Each picture of the folder was judged by a head that had not seen it."
    return tell_suspects(judged, sight, how)


def _run(story: Story, config: RetrainConfig) -> Run:
    backbone, dataset = story.learned.backbone, story.dataset
    counts = [f"{len(set(part.images)):,}" for part in dataset.parts.values()]
    facts = (
        ("Network", str(backbone)),
        ("Digest of the network", backbone.digest[:16]),
        ("Pictures", f"{counts[0]} to train, {counts[1]} to validate, {counts[2]} to test"),
        ("Seed", str(config.train.seed)),
        *_say_tuning(backbone, config),
        *versions(),
    )
    return Run(command_line(("retrain",), config), facts)


def _say_tuning(backbone: Backbone, config: RetrainConfig) -> Iterator[tuple[str, str]]:
    """Say that fine-tuning was in vain: curves of it are shown all the same."""
    if config.fine_tune.tunes and not backbone.architecture.endswith("-tuned"):
        yield "Fine-tuning", "not used: it names the validation pictures no better"

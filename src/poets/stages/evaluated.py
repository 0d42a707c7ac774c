"""The page of a graph that was asked about a folder of pictures."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from poets.config.label import LabelConfig
from poets.config.page import PageConfig
from poets.errors import OutputError
from poets.evaluation.config import EvaluateConfig
from poets.evaluation.folder import FolderEvaluation
from poets.features.cache import FeatureCache
from poets.features.thumbnails import thumbnails
from poets.files import write_bytes
from poets.heatmap import heat_maps
from poets.images import keep_out_of_pictures
from poets.page.command import command_line
from poets.page.data import ReportData, Run, Suspects
from poets.page.facts import trained_with, versions
from poets.page.gather import Sight, Tested, gather
from poets.page.places import check_page, place_of_evaluation
from poets.page.render import render
from poets.report import Reporter
from poets.runtimes.model import Model
from poets.stages.suspects import tell_suspects

_SEEN = "training"  # the part whose labels the graph was taught: it cannot doubt them


@dataclass(frozen=True)
class Asked:
    """A graph and what it was asked."""

    model: Model
    graph: LabelConfig
    config: EvaluateConfig
    image_dir: Path
    page: PageConfig


def find_place(asked: Asked, others: Sequence[tuple[str, Path]], reporter: Reporter) -> Path | None:
    """Return where the page goes, None for nowhere; raises UsageError and OutputError.

    A graph may lie where nothing can be written: then there is none, unless a place was named.
    """
    place = place_of_evaluation(asked.page, asked.graph.graph)
    if place is None:
        return None
    keep_out_of_pictures([place], asked.image_dir)
    graph = asked.graph.graph
    mine = [("the graph", graph), *others]
    try:
        check_page(place, asked.page, mine)
    except OutputError as error:
        if asked.page.report is not None:
            raise
        reporter.warning(f"no page of results: {error} --report names another place.")
        return None
    return place


def write_page(place: Path, asked: Asked, result: FolderEvaluation) -> None:
    """Write the page of an evaluation; raises OutputError."""
    with TemporaryDirectory(prefix="poets-") as folder, FeatureCache(Path(folder)) as cache:
        sight = Sight(
            lambda paths: thumbnails(cache, paths),
            lambda paths, label_ids: heat_maps(asked.model, paths, label_ids),
            place,
        )
        page = render(_tell(asked, result, sight))
    write_bytes(place, page.encode())


def _tell(asked: Asked, result: FolderEvaluation, sight: Sight) -> ReportData:
    tested = Tested(result.evaluation, result.images, asked.image_dir)
    shown = gather(tested, sight)
    return ReportData(
        kind="evaluation",
        title=str(asked.graph.graph),
        summary=_summary(asked, result),
        part=asked.config.split,
        evaluation=result.evaluation,
        calibration=result.calibration,
        cells=shown.cells,
        mistakes=shown.mistakes,
        curves=(),
        suspects=_suspects(asked, tested, sight),
        run=_run(asked, result),
    )


def _summary(asked: Asked, result: FolderEvaluation) -> str:
    labels = f"{len(result.evaluation.labels):,} labels"
    return f"{asked.graph.graph.name}, {labels}, asked about pictures of {asked.image_dir.name}"


def _suspects(asked: Asked, tested: Tested, sight: Sight) -> Suspects | None:
    if asked.config.split == _SEEN:
        return None
    how = "Judged by the graph, which can tell only of pictures that it was not taught."
    return tell_suspects(tested, sight, how)


def _run(asked: Asked, result: FolderEvaluation) -> Run:
    config = replace(asked.config, image_dir=asked.image_dir)
    command = command_line(("poets", "evaluate"), config, asked.graph, asked.page)
    graph = hashlib.sha256(asked.graph.graph.read_bytes()).hexdigest()
    facts = [
        (
            "Pictures",
            f"{result.evaluation.n:,} ({config.split}), {len(result.skipped):,} unreadable",
        ),
        ("SHA-256 of the graph", graph),
    ]
    manifest = asked.model.manifest
    if manifest is not None:
        facts += [
            ("Network", f"{manifest.architecture}, digest {manifest.backbone_digest[:16]}"),
            ("Trained with", trained_with(manifest.training)),
        ]
    return Run(command, (*facts, *versions()))

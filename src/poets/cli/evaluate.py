"""`poets evaluate`: how good a graph is on pictures it was not trained on."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.cli.shown import COLUMN, shown
from poets.config.label import LabelConfig
from poets.config.page import PageConfig
from poets.config.places import TF_FILES
from poets.errors import UsageError
from poets.evaluation.config import DocumentConfig, EvaluateConfig
from poets.files import check_writable, write_bytes

if TYPE_CHECKING:
    from poets.evaluation.folder import FolderEvaluation

_STANDARD_OUTPUT = Path("-")
_CODELAB = (TF_FILES / "flower_photos", TF_FILES / "painted_flowers")
_GROUPS = {
    "Pictures": (EvaluateConfig,),
    "Output": (DocumentConfig, PageConfig),
    "Graph": (LabelConfig,),
}


@click.command("evaluate", cls=FlagCommand, context_settings=CONTEXT)
@click.argument("graph_file", metavar="[GRAPH]", required=False, type=UserPath())
@flag_options(_GROUPS)
def command(graph_file: Path | None, **values: Any) -> None:  # noqa: ANN401
    """Measure GRAPH (tf_files/retrained_graph.pb) on pictures that it was not trained on.

    Those are the test pictures of its own training, where --image_dir is the same folder. The page
    of results is report.html beside GRAPH, or evaluation.html where that one is of the training.
    """
    from poets.cli.console import console_reporter
    from poets.evaluation.folder import evaluate_folder
    from poets.evaluation.parts import say_split
    from poets.runtimes.open import open_model
    from poets.stages.evaluated import Asked, find_place, write_page

    config, output = build(EvaluateConfig, values), build(DocumentConfig, values)
    image_dir = config.image_dir or _codelab_pictures()
    _check_places(output)
    graph = build(LabelConfig, values | ({"graph": graph_file} if graph_file else {}))
    model = open_model(graph)
    assumed = [*model.assumed, *say_split(model.manifest, config)]
    for note in assumed:
        click.echo(shown(note), err=True)
    reporter = console_reporter("INFO")
    asked = Asked(model, graph, config, image_dir, build(PageConfig, values))
    place = find_place(asked, _named(output), reporter)
    result = evaluate_folder(model, image_dir, config, reporter)
    about: dict[str, object] = {
        "graph": str(graph.graph),
        "image_dir": str(image_dir),
        "split": config.split,
        "assumed": assumed,
    }
    if place is not None:
        write_page(place, asked, result)
        click.echo(shown(f"{'Report':{COLUMN}}{place}"), err=True)
    _write(result, about, output)


def _codelab_pictures() -> Path:
    for folder in _CODELAB:
        if folder.is_dir():
            return folder
    hint = "poets evaluate [GRAPH] --image_dir FOLDER"
    raise UsageError(f"--image_dir is missing, and there is no {_CODELAB[0]}.", hint=hint)


def _check_places(output: DocumentConfig) -> None:
    """Fail before the work, not after it."""
    for _, path in _named(output):
        check_writable(path)


def _named(output: DocumentConfig) -> list[tuple[str, Path]]:
    """Return the files that documents go to, by their flags."""
    flags = {f"--{name}": path for name, path in asdict(output).items() if path is not None}
    return [(flag, path) for flag, path in flags.items() if path != _STANDARD_OUTPUT]


def _write(result: "FolderEvaluation", about: dict[str, object], output: DocumentConfig) -> None:
    """Write the documents; print the figures where no document takes standard output."""
    from poets.cli.figures import print_evaluation, print_skipped
    from poets.evaluation.document import to_csv, to_json

    made = ((output.json, to_json(result, about)), (output.csv, to_csv(result.evaluation)))
    documents = {path: content for path, content in made if path is not None}
    print_skipped(result.skipped)
    if _STANDARD_OUTPUT in documents:
        click.echo(documents.pop(_STANDARD_OUTPUT), nl=False)
    else:
        print_evaluation(result, str(about["split"]))
    for path, content in documents.items():
        write_bytes(path, content.encode())


def main() -> NoReturn:
    """Run as a console command."""
    run(command)

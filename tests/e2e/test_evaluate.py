"""`poets evaluate` as its users run it, and the codelab's name for it."""

import csv
import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.commands import COMMANDS, TOP, Output, Trained, run_in
from tests.support.desk import Desk, contents, refusal

FINAL = re.compile(r"Final test accuracy = (\d+\.\d)% \(N=(\d+)\)")


def evaluate(desk: Desk, *arguments: str | Path) -> Output:
    return run_in(desk.folder, "poets", "evaluate", *arguments)


def test_the_test_pictures_give_what_retrain_said_of_them(trained: Trained) -> None:
    final = FINAL.search(trained.output.stderr)
    assert final is not None

    output = run_in(trained.folder, "poets", "evaluate", "--image_dir", trained.image_dir)

    assert output.returncode == 0, output.stderr
    assert output.stderr == "Report     tf_files/evaluation.html\n"
    lines = output.stdout.splitlines()
    accuracy = float(lines[0].removeprefix("Accuracy: "))
    assert 100 * accuracy == pytest.approx(float(final[1]), abs=0.051)
    assert 0 < float(lines[1].removeprefix("Cross Entropy: ")) < 2
    assert re.fullmatch(rf"Pictures +{final[2]} \(testing\)", lines[3])
    assert re.fullmatch(r"Accuracy +\d+\.\d %, 95 % interval \d+\.\d to \d+\.\d %", lines[4])
    assert re.fullmatch(r"Top-5 accuracy +100\.0 %, as there are no more labels", lines[5])
    at_temperature = r"\d+\.\d % at temperature \d+\.\d\d \(fitted on \d+ validation pictures\)"
    assert re.fullmatch(rf"Calibration error +\d+\.\d %, {at_temperature}", lines[6])
    confusion = trained.output.stdout[trained.output.stdout.index("daisy") :].splitlines()[:6]
    assert output.stdout.splitlines()[-6:][1:] == confusion[1:]


def test_the_codelabs_script_says_the_same(trained: Trained) -> None:
    arguments = ("--image_dir", trained.image_dir)
    script = run_in(TOP, "python", "-m", "scripts.evaluate", trained.graph, *arguments)
    command = run_in(trained.folder, "poets", "evaluate", *arguments)

    assert script.returncode == 0, script.stderr
    assert script.stdout == command.stdout
    assert re.match(r"Accuracy: (0\.\d{1,3}|1)\nCross Entropy: \d(\.\d+)?\n", script.stdout)


def test_all_the_pictures_of_a_new_folder_are_measured(used_desk: Desk) -> None:
    output = evaluate(used_desk, "--image_dir", "pictures", "--split", "all")

    assert output.returncode == 0, output.stderr
    assert "Pictures           24 (all)\n" in output.stdout
    assert re.search(r"\nCalibration error +\d+\.\d %\n", output.stdout)
    assert re.search(r"\nmacro mean( +\d+\.\d){3} +24\nweighted mean", output.stdout)


def test_the_codelabs_folders_are_the_usual_ones(used_desk: Desk) -> None:
    refused = evaluate(used_desk)
    assert refusal(refused, 2) == (
        "Error: --image_dir is missing, and there is no tf_files/flower_photos.\n"
        "  poets evaluate [GRAPH] --image_dir FOLDER\n"
    )

    shutil.copytree(used_desk.pictures, used_desk.tf_files / "painted_flowers")
    painted = evaluate(used_desk, "--split", "all")
    assert "Pictures           24 (all)" in painted.stdout

    shutil.copytree(used_desk.pictures, used_desk.tf_files / "flower_photos")
    (used_desk.tf_files / "flower_photos" / "red" / "red_000.png").unlink()
    photos = evaluate(used_desk, "--split", "all")
    assert "Pictures           23 (all)" in photos.stdout


@pytest.mark.parametrize("suffix", [".pb", ".tflite"])
def test_no_tensorflow_is_loaded_for_it(suffix: str, used_desk: Desk) -> None:
    graph = used_desk.graph.with_suffix(suffix)
    told = ("-X", "importtime", COMMANDS / "poets", "evaluate", graph, "--image_dir", "pictures")

    output = run_in(used_desk.folder, sys.executable, *told)

    assert output.returncode == 0, output.stderr
    assert "| poets.evaluation.folder" in re.sub(" +", " ", output.stderr)
    assert not re.search(r"\| +(tensorflow|keras)\n", output.stderr)


@pytest.mark.parametrize("command", ["evaluate", "quantize-graph", "show-image", "count-ops"])
def test_help_loads_nothing_slow(command: str, tmp_path: Path) -> None:
    output = run_in(
        tmp_path, sys.executable, "-X", "importtime", COMMANDS / "poets", command, "--help"
    )

    assert output.returncode == 0
    assert output.stdout.startswith(f"Usage: poets {command} [OPTIONS]")
    assert not re.search(r"\| +(numpy|PIL|tensorboard|rich|ai_edge_litert)\n", output.stderr)


def test_json_alone_goes_to_standard_output(used_desk: Desk) -> None:
    output = evaluate(used_desk, "--image_dir", "pictures", "--json", "-")

    assert output.returncode == 0, output.stderr
    document = json.loads(output.stdout)
    assert document["graph"] == "tf_files/retrained_graph.pb"
    assert document["image_dir"] == "pictures"
    assert document["split"] == "testing"
    assert document["assumed"] == []
    assert document["pictures"] == len(document["predictions"]) > 0


def test_documents_can_be_files(used_desk: Desk) -> None:
    output = evaluate(
        used_desk, "--image_dir", "pictures", "--json", "out/e.json", "--csv=out/e.csv"
    )

    assert output.returncode == 0, output.stderr
    accuracy = json.loads((used_desk.folder / "out" / "e.json").read_text())["accuracy"]
    assert output.stdout.startswith(f"Accuracy: {accuracy:.3g}\n")
    rows = list(csv.DictReader(io.StringIO((used_desk.folder / "out" / "e.csv").read_text())))
    assert [row["label"] for row in rows] == ["blue", "green", "red"]


def test_one_may_be_a_file_and_the_other_standard_output(used_desk: Desk) -> None:
    output = evaluate(used_desk, "--image_dir", "pictures", "--json", "e.json", "--csv", "-")

    assert output.stdout.startswith("label,precision,recall,f1,support,taken for blue,")
    assert json.loads((used_desk.folder / "e.json").read_text())["pictures"] > 0


def test_a_document_that_cannot_be_written_is_said_before_the_work(used_desk: Desk) -> None:
    (used_desk.folder / "taken").mkdir()
    before = contents(used_desk.folder)

    output = evaluate(used_desk, "--image_dir", "pictures", "--json", "taken")

    assert refusal(output, 2).startswith("Error: taken is a folder.")
    assert contents(used_desk.folder) == before


def test_nothing_is_left_behind_but_the_page(used_desk: Desk) -> None:
    before = contents(used_desk.folder)
    assert evaluate(used_desk, "--image_dir", "pictures", "--no_report").returncode == 0
    assert contents(used_desk.folder) == before

    output = evaluate(used_desk, "--image_dir", "pictures", "--report", "page.html")

    assert output.stderr == "Report     page.html\n"
    assert contents(used_desk.folder).keys() - before.keys() == {"page.html"}


def test_the_page_shows_the_pictures_that_were_tested(used_desk: Desk) -> None:
    page_of_training = (used_desk.tf_files / "report.html").read_bytes()

    output = evaluate(used_desk, "--image_dir", "pictures", "--split", "all", "--json", "-")

    pictures = json.loads(output.stdout)["predictions"]
    assert (used_desk.tf_files / "report.html").read_bytes() == page_of_training
    page = (used_desk.tf_files / "evaluation.html").read_text("utf-8")
    assert len(pictures) == 24
    for one in pictures:
        assert f'href="../{one["path"]}"' in page
    assert "poets evaluate --image_dir pictures --split all" in page
    assert page.count("data:image/jpeg") >= 24


def test_a_page_of_an_evaluation_takes_the_place_of_the_one_before(used_desk: Desk) -> None:
    place = used_desk.tf_files / "report.html"
    place.unlink()

    for part in ("training", "all"):
        output = evaluate(used_desk, "--image_dir", "pictures", "--split", part)
        assert output.stderr == "Report     tf_files/report.html\n"
        assert f"poets evaluate --image_dir pictures --split {part}<" in place.read_text("utf-8")

    assert not (used_desk.tf_files / "evaluation.html").exists()


def test_where_no_page_can_be_written_it_is_left_out(used_desk: Desk) -> None:
    (used_desk.tf_files / "report.html").unlink(missing_ok=True)
    (used_desk.tf_files / "report.html").mkdir()

    output = evaluate(used_desk, "--image_dir", "pictures")

    assert output.returncode == 0
    assert "WARNING: no page of results: tf_files/report.html is a folder." in output.stderr
    asked = evaluate(used_desk, "--image_dir", "pictures", "--report", "tf_files/report.html")
    assert refusal(asked, 2).startswith("Error: tf_files/report.html is a folder.")


def test_a_page_takes_nobody_elses_place(used_desk: Desk) -> None:
    before = contents(used_desk.folder)

    for place in ("tf_files/retrained_graph.pb", "e.json", "pictures/red/report.html"):
        flags = ("--json", "e.json", "--report", place)
        refusal(evaluate(used_desk, "--image_dir", "pictures", *flags), 2)

    assert contents(used_desk.folder) == before


def test_unreadable_pictures_are_listed_and_skipped(used_desk: Desk) -> None:
    (used_desk.pictures / "red" / "bro\x1bken.png").write_bytes(b"no picture")

    output = evaluate(used_desk, "--image_dir", "pictures", "--split", "all")

    assert output.returncode == 0
    assert "Skipped    pictures/red/bro\\x1bken.png: not a picture\n" in output.stderr
    assert "Pictures           24 (all), 1 could not be read\n" in output.stdout


def test_a_folder_that_is_no_label_is_an_error(used_desk: Desk) -> None:
    (used_desk.pictures / "red").rename(used_desk.pictures / "reds")

    output = evaluate(used_desk, "--image_dir", "pictures", "--split", "all")

    assert refusal(output, 3) == (
        "Error: pictures: not all folders are labels of the graph: 'reds' (is it 'red'?).\n"
        "  Its labels: 'blue', 'green', 'red'. Rename those folders, or move them away.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing.pb",), 4, "nothing.pb: no such graph."),
        (("pictures",), 4, "pictures: is a folder."),
        (("--image_dir", "picture"), 3, "Did you mean 'pictures'?"),
        (("--split", "test"), 2, "'test' is not one of"),
        (("--json", "-", "--csv", "-"), 2, "--json - and --csv - are one place."),
        (("--testing_percentage", "100"), 2, "--testing_percentage 100: it is from 0 to 99."),
        (("--splt", "all"), 2, "Did you mean '--split'?"),
    ],
)
def test_mistakes_are_named_with_their_remedy(
    arguments: tuple[str, ...], code: int, said: str, used_desk: Desk
) -> None:
    output = evaluate(
        used_desk, *arguments, *(() if "--image_dir" in arguments else ("--image_dir", "pictures"))
    )

    assert said in refusal(output, code)

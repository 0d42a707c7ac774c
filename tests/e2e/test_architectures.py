"""Networks of every kind, from files of weights to labelled pictures, with the commands."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from poets.manifest import Manifest, read_zip_manifest
from tests.support.archives import tgz_bytes
from tests.support.commands import Output, run_in
from tests.support.desk import refusal
from tests.support.http import Resource, Site, serve
from tests.support.hub_modules import save_any_size, save_callable, save_reference_variables
from tests.support.inception import inception_graph
from tests.support.keras_weights import write_weights
from tests.support.lite import INSTALLED
from tests.support.modules import archive_of
from tests.support.pictures import paint_folders

QUICK = ["mobilenet_v3_small_minimalistic", "mobilenet_v2_0.35"]
FAMILIES = [
    *QUICK,
    *("mobilenet_v1", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_v2_b0"),
    *("resnet_50", "resnet_50_v2", "convnext_tiny", "densenet_121", "nasnet_mobile"),
    *("inception_v3", "inception_resnet_v2", "xception", "vgg_16"),
]
FEW_STEPS = ("--how_many_training_steps", "300")


@dataclass(frozen=True)
class Workplace:
    """A folder with pictures of three colours, and its --model_dir."""

    folder: Path

    @property
    def models(self) -> Path:
        """Where weights are."""
        return self.folder / "models"

    def retrain(self, *more: str | Path, **environment: str) -> Output:
        """Run `retrain` on the pictures."""
        flags = ("--image_dir", "pictures", "--model_dir", "models", *FEW_STEPS, *more)
        return run_in(self.folder, "retrain", *flags, **environment)

    def manifest(self) -> Manifest:
        """Read what the exported .tflite says of itself."""
        manifest = read_zip_manifest(self.folder / "tf_files" / "retrained_graph.tflite")
        assert manifest is not None
        return manifest

    def check_labels(self) -> None:
        """Label one picture of each colour, with both exported files."""
        pictures = sorted(Path("pictures", label, f"{label}_000.png") for label in COLOURS)
        for graph in ("retrained_graph.pb", "retrained_graph.tflite"):
            output = run_in(self.folder, "label-image", "--graph", f"tf_files/{graph}", *pictures)
            assert output.returncode == 0, output.stderr
            named = [line.split()[1] for line in output.stdout.splitlines()[: len(COLOURS)]]
            assert named == list(COLOURS)


COLOURS = ("blue", "green", "red")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    paint_folders(tmp_path / "pictures", count=25)
    (tmp_path / "models").mkdir()
    return Workplace(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


# Keras's networks


@pytest.mark.parametrize("name", FAMILIES if os.environ.get("POETS_LONG") else QUICK)
def test_a_network_of_keras_learns_colours_with_random_weights(name: str, place: Workplace) -> None:
    write_weights(name, place.models)
    output = place.retrain("--architecture", name, "--image_size", "80")
    assert output.returncode == 0, output.stderr
    manifest = place.manifest()
    assert (manifest.architecture, manifest.preprocess.width) == (name, 80)
    assert manifest.test_accuracy == 1.0
    place.check_labels()


# Inception of 2015


def test_the_archive_of_2015_learns_colours_and_its_export_begins_at_mul(
    place: Workplace,
) -> None:
    content = tgz_bytes({"classify_image_graph_def.pb": inception_graph().SerializeToString()})
    (place.models / "inception-2015-12-05.tgz").write_bytes(content)
    output = place.retrain("--architecture", "inception_v3")
    assert output.returncode == 0, output.stderr
    manifest = place.manifest()
    assert (manifest.input_name, manifest.preprocess.width) == ("Mul", 299)
    assert (manifest.preprocess.mean, manifest.preprocess.std) == (128, 128)
    place.check_labels()


# Modules


def test_a_module_from_the_web_learns_colours_and_is_not_asked_for_again(
    place: Workplace, site: Site
) -> None:
    save_reference_variables(place.folder / "module")
    site.resources["module"] = Resource(archive_of(place.folder / "module"))
    module = ("--tfhub_module", f"{site.url}/module")
    output = place.retrain(*module, TFHUB_CACHE_DIR="")
    assert output.returncode == 0, output.stderr
    again = place.retrain(*module, TFHUB_CACHE_DIR="")
    assert again.returncode == 0, again.stderr
    assert len(site.ranges) == 1
    assert "75 from the cache, 0 new, 0 skipped" in again.stderr
    assert place.manifest().preprocess.std == 255
    place.check_labels()


def test_a_folder_with_a_module_learns_colours(place: Workplace) -> None:
    save_callable(place.folder / "module")
    output = place.retrain("--tfhub_module", "module")
    assert output.returncode == 0, output.stderr
    place.check_labels()


# Mistakes


def test_a_module_of_any_size_asks_for_one(place: Workplace) -> None:
    save_any_size(place.folder / "module")
    told = refusal(place.retrain("--tfhub_module", "module"), code=2)
    assert "--image_size" in told


def test_a_module_beside_an_architecture_is_one_too_many(place: Workplace) -> None:
    told = refusal(place.retrain("--tfhub_module", "module", "--architecture", "vgg_16"), code=2)
    assert "leave one" in told


@pytest.mark.parametrize(
    ("flags", "wanted", "source"),
    [
        (("--architecture", "convnext_tiny"), "convnext_tiny_notop.h5", "127.0.0.1:9"),
        (("--architecture", "inception_v3"), "inception_v3_weights_", "127.0.0.1:9"),
        (("--architecture", "mobilenet_0.75_160_quantized"), "v1_0.75_160_frozen", "127.0.0.1:9"),
        (("--tfhub_module", "http://127.0.0.1:9/module/5"), "/module/5", "127.0.0.1:9"),
    ],
)
def test_weights_out_of_reach_are_named_with_what_works_now(
    place: Workplace, flags: tuple[str, str], wanted: str, source: str
) -> None:
    write_weights("mobilenet_v2_0.35", place.models)
    output = place.retrain(*flags, POETS_DOWNLOAD_BASE="http://127.0.0.1:9")
    told = refusal(output, code=4)
    assert wanted in told
    assert f"({source}: " in told
    (works,) = [line for line in told.splitlines() if "Works now" in line]
    assert works.endswith(f": {', '.join([*INSTALLED, 'mobilenet_v2_0.35'])}.")


def test_weights_come_from_the_classroom_s_server(place: Workplace, site: Site) -> None:
    write_weights("mobilenet_v3_small_minimalistic", place.folder / "server")
    (weights,) = (place.folder / "server").iterdir()
    site.resources[weights.name] = Resource(weights.read_bytes())
    flags = ("--architecture", "mobilenet_v3_small_minimalistic")
    output = place.retrain(*flags, POETS_DOWNLOAD_BASE=site.url)
    told = refusal(output, code=4)  # random weights are not the published ones
    assert "expected cde8136e733e811080d9fcd8a252f7e4" in told
    assert not list(place.models.glob("*.h5*"))

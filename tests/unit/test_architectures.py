"""The table of networks: names, sizes, where files come from, and what is said of them."""

import re
from pathlib import Path

import pytest

from poets.backbones.compiled import is_ready
from poets.backbones.keras_table import KERAS_MODELS
from poets.backbones.sources import ArchiveSource
from poets.backbones.table import BACKBONES, INCEPTION_FILES, find_backbone
from poets.cli.architectures import HEADER, columns
from poets.errors import ModelError, UsageError
from poets.network.remote import DownloadError, RemoteFile, mirror
from poets.report import Reporter
from tests.support.commands import TOP, run_in
from tests.support.http import Resource, serve
from tests.support.lite import INSTALLED, SOURCES

CODELAB = [
    f"mobilenet_{width}_{size}{quantized}"
    for width in ("1.0", "0.75", "0.50", "0.25")
    for size in (224, 192, 160, 128)
    for quantized in ("", "_quantized")
]
FAMILIES = (
    *("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0"),
    *("efficientnet_v2_s", "resnet_50", "resnet_50_v2", "convnext_tiny", "xception"),
    *("nasnet_mobile", "densenet_121", "vgg_16", "inception_resnet_v2"),
    *("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"),
)
RESIZABLE = [name for name, spec in BACKBONES.items() if spec.min_size]
KERAS_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"


def source_of(name: str) -> ArchiveSource:
    source = BACKBONES[name].source
    assert isinstance(source, ArchiveSource)
    return source


# The rows


@pytest.mark.parametrize("name", [*CODELAB, "inception_v3", *FAMILIES])
def test_a_name_that_the_codelab_or_keras_has_is_an_architecture(name: str) -> None:
    spec = find_backbone(name)
    assert spec.name == name
    assert spec.feature_size > 0
    assert spec.parameters > 0


def test_a_quantized_name_reads_the_archive_of_the_other_one() -> None:
    plain, quantized = (
        find_backbone("mobilenet_0.50_160"),
        find_backbone("mobilenet_0.50_160_quantized"),
    )
    assert quantized.source == plain.source
    assert (plain.quantized, quantized.quantized) == (False, True)


def test_only_inception_s_graph_begins_at_another_node() -> None:
    nodes = {name: spec.input_node for name, spec in BACKBONES.items()}
    assert {name for name, node in nodes.items() if node != "input"} == {"inception_v3"}
    assert nodes["inception_v3"] == "Mul"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("mobilnet_0.50_224", "mobilenet_0.50_224"),
        ("resnet50", "resnet_50"),
        ("inceptionv3", "inception_v3"),
        ("efficientnetb0", "efficientnet_b0"),
        ("MobileNet_V2", "mobilenet_v2"),
    ],
)
def test_a_name_that_is_nearly_right_gets_a_suggestion(wrong: str, right: str) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{re.escape(right)}'"):
        find_backbone(wrong)


@pytest.mark.parametrize("name", RESIZABLE)
def test_a_resizable_network_takes_its_smallest_size_and_no_smaller_one(name: str) -> None:
    smallest = BACKBONES[name].min_size
    preprocess = find_backbone(name, smallest).preprocess
    assert (preprocess.height, preprocess.width) == (smallest, smallest)
    with pytest.raises(UsageError, match=f"smaller than {smallest} pixels"):
        find_backbone(name, smallest - 1)


def test_an_archive_of_2017_takes_its_own_size_only() -> None:
    with pytest.raises(UsageError, match="takes pictures of 128 pixels only"):
        find_backbone("mobilenet_0.25_128_quantized", 160)


# Files


@pytest.mark.parametrize("name", KERAS_MODELS)
def test_weights_of_keras_come_over_https_with_one_kind_of_checksum(name: str) -> None:
    source = source_of(name)
    assert source.url.startswith("https://storage.googleapis.com/")
    assert source.url.endswith(f"/{source.file}")
    assert source.file.endswith(".h5")
    assert {len(sum_) for sum_ in (source.sha256, source.md5) if sum_} <= {32, 64}


def test_no_two_networks_of_keras_share_a_file() -> None:
    files = [source_of(name).file for name in KERAS_MODELS]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("name", KERAS_MODELS)
def test_a_mirror_has_keras_s_weights_in_a_folder_of_their_own(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://school:8000/poets/")
    address = mirror(source_of(name).url)
    assert address.startswith("http://school:8000/poets/keras-applications/")
    assert address.endswith(f"/{source_of(name).file}")


def test_weights_of_keras_are_downloaded_from_the_mirror_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of("resnet_50")
    with serve(**{source.file: Resource(b"not the published weights")}) as site:
        monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)
        with pytest.raises(ModelError, match=f"its md5 is [0-9a-f]{{32}}, expected {source.md5}"):
            source.fetch(tmp_path, Reporter())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_here_need_not_be_read_to_know_it(tmp_path: Path) -> None:
    spec = BACKBONES["vgg_16"]
    assert not is_ready(spec, tmp_path)
    unreadable = tmp_path / source_of("vgg_16").file
    unreadable.mkdir()
    assert is_ready(spec, tmp_path)


@pytest.mark.parametrize("file", INCEPTION_FILES)
def test_the_archive_of_2015_comes_before_keras_s_weights(file: str, tmp_path: Path) -> None:
    source = source_of("inception_v3")
    (tmp_path / KERAS_FILE).write_bytes(b"keras")
    (tmp_path / file).write_bytes(b"2015")
    assert source.fetch(tmp_path, Reporter()) == tmp_path / file


def test_keras_s_weights_do_where_there_is_no_archive_of_2015(tmp_path: Path) -> None:
    (tmp_path / KERAS_FILE).write_bytes(b"keras")
    source = source_of("inception_v3")
    assert source.fetch(tmp_path, Reporter()) == tmp_path / KERAS_FILE


def test_an_md5_finds_damage(tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    remote = RemoteFile("http://x/weights.h5", "weights.h5", md5="63f4f1e9b725370f459720575cd5f953")
    path.write_bytes(b"weights")
    remote.check(path)
    path.write_bytes(b"weight$")
    with pytest.raises(DownloadError, match="expected 63f4f1e9"):
        remote.check(path)


# What is said of them


def test_the_command_lists_every_architecture_and_whether_it_is_here(tmp_path: Path) -> None:
    (tmp_path / source_of("xception").file).write_bytes(b"")
    output = run_in(tmp_path, "poets", "architectures", "--model_dir", tmp_path)
    assert output.returncode == 0, output.stderr
    head, *lines = output.stdout.splitlines()
    assert head.split() == [*HEADER, "here"]
    assert [line.split()[0] for line in lines] == list(BACKBONES)
    here = {line.split()[0] for line in lines if line.endswith("yes")}
    nothing = {name for name in BACKBONES if name.startswith(("cnn_", "pixels_"))}
    assert here == {*INSTALLED, "xception"} | nothing
    assert "efficientnet_lite0" in INSTALLED


def test_weights_that_pip_would_bring_are_said_to_be_so() -> None:
    told = {name: columns(BACKBONES[name])[-1] for name in SOURCES}
    assert told["efficientnet_lite0"] == "with pip"
    assert told["efficientnet_lite2"] == "pip, 23 MB"


def test_the_documentation_has_the_table_that_the_command_prints() -> None:
    _, _, text = (TOP / "docs" / "architectures.md").read_text().partition("## All of them")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    expected = [[f"`{name}`", *rest] for name, *rest in map(columns, BACKBONES.values())]
    assert [[cell.strip() for cell in row] for row in rows] == expected

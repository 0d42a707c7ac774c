"""Modules of TensorFlow Hub before they are made: found, brought here, and asked their size."""

import os
from pathlib import Path

import pytest
from tensorboard.compat.proto.meta_graph_pb2 import MetaGraphDef
from tensorboard.compat.proto.types_pb2 import DT_STRING, DT_UINT8

from poets.backbones.hub import open_module
from poets.backbones.saved_model import PictureInput, read_saved_model
from poets.backbones.spec import BackboneSpec
from poets.cli import retrain as retrain_command
from poets.config.backbone import BackboneConfig
from poets.errors import ModelError, OutputError, UnavailableError, UsageError
from poets.preprocess import Preprocess
from poets.report import Reporter
from tests.support.archives import link, tgz_bytes
from tests.support.calling import call
from tests.support.http import Resource, serve
from tests.support.modules import archive_of, meta_graph, module_files, write_module
from tests.support.reporters import Recorder

MODULE = tgz_bytes(module_files())


@pytest.fixture(autouse=True)
def no_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFHUB_CACHE_DIR", raising=False)


def opened(
    handle: str | Path, model_dir: Path, size: int = 0, reporter: Reporter | None = None
) -> BackboneSpec:
    return open_module(str(handle), size, model_dir, reporter or Reporter())


# What a module says


def test_a_module_says_what_its_pictures_are(tmp_path: Path) -> None:
    write_module(tmp_path, meta_graph((-1, 96, 160, 3)))
    model = read_saved_model(tmp_path)
    assert model.picture == PictureInput("serving_default", "images", 96, 160)
    assert (model.tags, model.objects) == (("serve",), False)


def test_the_graph_for_training_is_not_the_one_to_use(tmp_path: Path) -> None:
    old = meta_graph((-1, 64, 64, 3), tags=(), signature="image_feature_vector")
    write_module(tmp_path, meta_graph((-1, 8, 8, 3), tags=("train",)), old)
    model = read_saved_model(tmp_path)
    assert model.picture == PictureInput("image_feature_vector", "images", 64, 64)
    assert model.tags == ()


def test_the_signature_for_features_comes_first(tmp_path: Path) -> None:
    graph = meta_graph((-1, 8, 8, 3))
    features = meta_graph((-1, 64, 64, 3), signature="image_feature_vector")
    graph.signature_def["image_feature_vector"].CopyFrom(
        features.signature_def["image_feature_vector"]
    )
    picture = read_saved_model(write_module(tmp_path, graph)).picture
    assert picture is not None
    assert picture.height == 64


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(meta_graph((-1, 32)), id="numbers"),
        pytest.param(meta_graph((-1, 32, 32, 1)), id="grey pictures"),
        pytest.param(meta_graph((-1, 32, 32, 3), dtype=DT_UINT8), id="bytes"),
        pytest.param(meta_graph((), dtype=DT_STRING), id="text"),
        pytest.param(meta_graph(signature="tokenize"), id="another signature"),
    ],
)
def test_a_module_that_takes_no_pictures_says_so_by_saying_nothing(
    graph: MetaGraphDef, tmp_path: Path
) -> None:
    assert read_saved_model(write_module(tmp_path, graph)).picture is None


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 20, b"<html></html>", b"", b"\x12\x05\x0a\x03\x0a\x01", b"\x12\xff\xff\xff\xff\x7f"],
)
def test_a_file_that_is_no_saved_model_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(ModelError, match=r"saved_model\.pb"):
        read_saved_model(tmp_path)


# Folders


def test_a_folder_becomes_a_network_for_pictures_from_0_to_1(tmp_path: Path) -> None:
    spec = opened(write_module(tmp_path / "My módule 2"), tmp_path)
    assert spec.preprocess == Preprocess(32, 32, mean=0.0, std=255.0)
    assert spec.name.endswith("My_m_dule_2")
    assert spec.source.fetch(tmp_path, Reporter()) == (tmp_path / "My módule 2").resolve()


def test_a_folder_around_the_module_s_does_no_harm(tmp_path: Path) -> None:
    write_module(tmp_path / "unpacked" / "module")
    spec = opened(tmp_path / "unpacked", tmp_path)
    assert spec.source.fetch(tmp_path, Reporter()).name == "module"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_module(tmp_path / "module")
    assert opened("~/module", tmp_path).preprocess.height == 32


def test_what_a_module_computes_with_is_in_its_digest(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "module")
    source = opened(folder, tmp_path).source
    before = source.digest(tmp_path)
    assert before == opened(folder, tmp_path).source.digest(tmp_path)
    (folder / "variables" / "variables.index").write_bytes(b"other")
    assert source.digest(tmp_path) != before


@pytest.mark.parametrize("handle", ["nowhere", "gs://bucket/module", "tfhub.dev/module"])
def test_what_is_no_module_is_named_with_the_ways_to_name_one(
    handle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=f"--tfhub_module {handle}") as caught:
        opened(handle, tmp_path)
    assert "https://" in caught.value.hint


def test_an_archive_on_this_machine_is_to_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "module.tar.gz").write_bytes(MODULE)
    with pytest.raises(ModelError, match=r"module\.tar\.gz: no saved_model\.pb") as caught:
        opened(tmp_path / "module.tar.gz", tmp_path)
    assert caught.value.hint.startswith("Unpack it.")


def test_an_empty_name_is_not_the_current_folder() -> None:
    with pytest.raises(UsageError, match="--tfhub_module: an empty name"):
        BackboneConfig(tfhub_module="")


# Sizes


def test_a_module_of_any_size_needs_to_be_told_one(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "module", meta_graph((-1, -1, -1, 3)))
    with pytest.raises(UsageError, match="does not say how large") as caught:
        opened(folder, tmp_path)
    assert "--image_size" in caught.value.hint
    assert opened(folder, tmp_path, 64).preprocess.width == 64


def test_a_module_of_one_size_takes_no_other(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "module")
    assert opened(folder, tmp_path, 32).preprocess.width == 32
    with pytest.raises(UsageError, match="takes pictures of 32 x 32 pixels only"):
        opened(folder, tmp_path, 64)


def test_an_architecture_beside_a_module_is_one_too_many() -> None:
    with pytest.raises(UsageError, match="--architecture and --tfhub_module"):
        BackboneConfig(architecture="vgg_16", tfhub_module="module")
    assert BackboneConfig(tfhub_module="module").tfhub_module == "module"


def test_the_usual_architecture_is_too_many_beside_a_module_when_it_is_typed(
    tmp_path: Path,
) -> None:
    module = ("--tfhub_module", "module", "--image_dir", tmp_path)

    both = call(
        retrain_command.command, *module, "--architecture", "efficientnet_lite0", folder=tmp_path
    )
    one = call(retrain_command.command, *module, folder=tmp_path)

    assert both.code == 2
    assert "--architecture and --tfhub_module both name a network" in both.err
    assert "both name a network" not in one.err


# From the web


@pytest.mark.parametrize("path", ["module", "module?version=2", "module.tar.gz"])
def test_a_module_is_downloaded_once_and_kept(path: str, tmp_path: Path) -> None:
    recorder = Recorder()
    with serve(**{path.partition("?")[0]: Resource(MODULE)}) as site:
        spec = opened(f"{site.url}/{path}", tmp_path, reporter=recorder)
        opened(f"{site.url}/{path}", tmp_path, reporter=recorder)
        assert len(site.ranges) == 1

    folder = spec.source.fetch(tmp_path, recorder)
    assert folder.parent == tmp_path / "tfhub"
    assert [entry.name for entry in (tmp_path / "tfhub").iterdir()] == [folder.name]
    assert (folder / "variables" / "variables.index").read_bytes() == b"index"
    assert recorder.titles[0][0] == f"Downloading {site.url.removeprefix('http://')}/{path}"


def test_the_user_s_own_cache_of_modules_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    with serve(module=Resource(MODULE)) as site:
        spec = opened(f"{site.url}/module", tmp_path / "models")
    assert spec.source.fetch(tmp_path, Reporter()).parent == tmp_path / "cache"


def test_a_stopped_download_of_a_module_goes_on(tmp_path: Path) -> None:
    content = tgz_bytes(module_files() | {"assets/noise": os.urandom(5000)})
    with serve(module=Resource(content, cut_after=3000)) as site:
        with pytest.raises(ModelError, match="after 3,000 bytes"):
            opened(f"{site.url}/module", tmp_path)
        site.resources["module"] = Resource(content)
        assert opened(f"{site.url}/module", tmp_path).preprocess.height == 32
        assert site.ranges == [None, "bytes=3000-"]


def test_a_module_out_of_reach_is_named_with_the_reason_and_a_way_out(tmp_path: Path) -> None:
    handle = "http://nowhere.invalid/google/imagenet/mobilenet_v2_100_224/feature_vector/5"
    with pytest.raises(UnavailableError, match="cannot be downloaded") as caught:
        opened(handle, tmp_path)
    assert handle in str(caught.value)
    assert "nowhere.invalid" in str(caught.value).partition("\n")[2]
    assert "--tfhub_module FOLDER" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no archive", id="no archive"),
        pytest.param(MODULE[:100], id="half of one"),
        pytest.param(tgz_bytes({}, [link("saved_model.pb", "/etc/passwd")]), id="a link"),
        pytest.param(tgz_bytes({"../outside": b"x"}), id="a path outside"),
    ],
)
def test_an_archive_that_is_none_leaves_nothing_behind(content: bytes, tmp_path: Path) -> None:
    with serve(module=Resource(content)) as site:
        with pytest.raises(ModelError, match="no module came"):
            opened(f"{site.url}/module", tmp_path / "models")
        site.resources["module"] = Resource(MODULE)
        assert opened(f"{site.url}/module", tmp_path / "models").preprocess.height == 32
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]


def test_an_archive_without_a_module_is_named_and_not_kept(tmp_path: Path) -> None:
    with serve(module=Resource(tgz_bytes({"readme.txt": b"hello"}))) as site:
        with pytest.raises(ModelError, match=r"no saved_model\.pb there"):
            opened(f"{site.url}/module", tmp_path)
        site.resources["module"] = Resource(MODULE)
        assert opened(f"{site.url}/module", tmp_path).preprocess.height == 32


def test_a_cache_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file")
    with serve(module=Resource(MODULE)) as site, pytest.raises(OutputError):
        opened(f"{site.url}/module", tmp_path / "models")


def test_a_real_folder_packed_is_the_module_again(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "module")
    with serve(module=Resource(archive_of(folder))) as site:
        spec = opened(f"{site.url}/module", tmp_path / "models")
    here = opened(folder, tmp_path).source
    assert spec.source.digest(tmp_path) == here.digest(tmp_path)

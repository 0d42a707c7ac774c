"""Any flags on any picture: a variant comes of it, the same one wherever it is made."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from poets.config.distort import DistortConfig
from poets.config.flags import flags_of
from poets.distort import Distortion, generator
from poets.errors import UsageError
from poets.features.recipe import DistortedRecipe
from poets.preprocess import FloatArray, Preprocess
from tests.support.pictures import encoded, gradient
from tests.support.processes import python

FURTHER = {
    name: flag
    for name, _, flag in flags_of(DistortConfig)
    if name in {field.name for field in fields(Distortion)[4:]}
}
AT_MOST: dict[str, Any] = {
    name: True if kind is bool else int(flag.maximum)
    for name, kind, flag in flags_of(DistortConfig)
    if name != "distortion_variants"
}
MOST = Distortion(**AT_MOST)
CONTENT = encoded(gradient(60, 40))
MAKE = """
import hashlib, sys
from pathlib import Path
from poets.distort import Distortion, generator
from poets.preprocess import Preprocess
content = Path(sys.argv[1]).read_bytes()
made = eval(sys.argv[2]).load(content, Preprocess(40, 40, 0, 1), generator(content, "key"))
print(hashlib.sha256(made.tobytes()).hexdigest())
"""

sides = st.integers(1, 40)
distortions = st.builds(
    Distortion,
    **{
        name: st.booleans() if kind is bool else st.integers(int(flag.minimum), int(flag.maximum))
        for name, kind, flag in flags_of(DistortConfig)
        if name != "distortion_variants"
    },
)


@given(distortions, sides, sides, st.sampled_from([1, 3]), st.integers(0, 2**32))
def test_any_pixels_give_a_variant_of_their_shape(
    distortion: Distortion, height: int, width: int, channels: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)

    variant = distortion.apply(pixels, rng)

    assert variant.shape == pixels.shape
    assert variant.dtype == np.float32
    assert variant.min() >= 0
    assert variant.max() <= 255 * (1 + distortion.random_brightness / 100) + 1e-3


@given(distortions, st.tuples(sides, sides), st.tuples(sides, sides), st.sampled_from([1, 3]))
def test_any_file_gives_a_network_its_input(
    distortion: Distortion, size: tuple[int, int], frame: tuple[int, int], channels: int
) -> None:
    content = encoded(Image.new("RGB", size, "orange"))
    preprocess = Preprocess(*frame, mean=127, std=128, channels=channels)

    variant = distortion.load(content, preprocess, np.random.default_rng(0))

    assert variant.shape == preprocess.shape
    assert np.isfinite(variant).all()


@given(distortions)
def test_a_picture_is_not_changed_by_its_variants(distortion: Distortion) -> None:
    pixels = np.asarray(gradient(12, 9)).copy()
    before = pixels.copy()

    distortion.apply(pixels, np.random.default_rng(0)).fill(0)

    assert (pixels == before).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_all_kinds_can_be_distorted(mode: str, channels: int) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    picture = gradient(30, 20).convert("L").convert("I;16") if mode == "I;16" else None
    content = encoded(picture or gradient(30, 20).convert(mode), kind)
    preprocess = Preprocess(16, 16, mean=0, std=1, channels=channels)

    variant = MOST.load(content, preprocess, np.random.default_rng(1))

    assert variant.shape == (16, 16, channels)


def test_what_is_transparent_is_white_outside_too() -> None:
    stamp = Image.new("RGBA", (40, 40))
    stamp.paste("red", (15, 15, 25, 25))
    preprocess = Preprocess(40, 40, mean=0, std=1)
    distortion = Distortion(random_rotation=180, random_shift=30)

    for seed in range(10):
        seen = distortion.load(encoded(stamp), preprocess, np.random.default_rng(seed))
        assert seen[[0, 0, -1, -1], [0, -1, 0, -1]].min() >= 254


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_picture_is_distorted_upright(orientation: int) -> None:
    upright = gradient(40, 30)
    stored = upright.transpose(_UNDO[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    distortion = Distortion(random_rotation=30, random_zoom=30, random_crop=30)
    preprocess = Preprocess(30, 40, mean=0, std=1)

    variants = [
        distortion.load(content, preprocess, np.random.default_rng(5))
        for content in (encoded(upright), encoded(stored, exif=exif.tobytes()))
    ]

    assert np.abs(variants[0] - variants[1]).max() <= 3


_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


# Flags


def config_of(name: str, value: Any) -> DistortConfig:  # noqa: ANN401 - of any flag
    return DistortConfig(**{name: value})


@pytest.mark.parametrize("name", FURTHER)
def test_each_further_flag_alone_changes_pictures(name: str) -> None:
    config = config_of(name, True if name.startswith("flip") else 30)
    pixels = (60 + np.asarray(gradient(20, 20)) // 3).astype(np.uint8)
    rng = np.random.default_rng(0)
    made = [Distortion.of(config).apply(pixels, rng) for _ in range(10)]

    assert config.distorts
    assert max(np.abs(variant - pixels).max() for variant in made) > 2


@pytest.mark.parametrize("name", [name for name in FURTHER if not name.startswith("flip")])
def test_values_outside_a_flag_s_range_are_refused(name: str) -> None:
    for value in (-1, int(FURTHER[name].maximum) + 1):
        with pytest.raises(UsageError, match=f"--{name} {value}: it is from 0 to"):
            config_of(name, value)


# The same again


def test_other_processes_make_the_same_variants(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(CONTENT)
    here = MOST.load(CONTENT, Preprocess(40, 40, 0, 1), generator(CONTENT, "key"))

    there = [python(MAKE, path, repr(MOST), folder=tmp_path).stdout for _ in range(2)]

    assert there == [hashlib.sha256(here.tobytes()).hexdigest() + "\n"] * 2


def test_any_number_of_threads_makes_the_same_variants() -> None:
    preprocess = Preprocess(64, 64, 0, 1)

    def make(variant: int) -> bytes:
        return MOST.load(CONTENT, preprocess, generator(CONTENT, f"{variant}")).tobytes()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(make, range(16)))

    assert together == [make(variant) for variant in range(16)]
    assert len(set(together)) == 16


# As the codelab's flags always did


def codelab_s(
    amounts: tuple[bool, int, int, int], preprocess: Preprocess, rng: np.random.Generator
) -> FloatArray:
    """Return a variant by the codelab's four flags as it was when there were no others."""
    flip, crop, scale, brightness = amounts
    factor = (1 + crop / 100) * rng.uniform(1, 1 + scale / 100)
    size = (round(preprocess.height * factor), round(preprocess.width * factor))
    pixels = preprocess.decode(CONTENT, size)
    top = rng.integers(size[0] - preprocess.height, endpoint=True)
    left = rng.integers(size[1] - preprocess.width, endpoint=True)
    part = pixels[top : top + preprocess.height, left : left + preprocess.width]
    if rng.integers(2) and flip:
        part = part[:, ::-1]
    values = part * np.float32(rng.uniform(1 - brightness / 100, 1 + brightness / 100))
    return preprocess.normalize(values)


@given(
    st.tuples(st.booleans(), st.integers(0, 400), st.integers(0, 400), st.integers(0, 100)),
    st.tuples(sides, sides),
    st.integers(0, 2**63),
)
def test_the_codelab_s_flags_give_the_same_bytes_as_before_there_were_others(
    amounts: tuple[bool, int, int, int], frame: tuple[int, int], seed: int
) -> None:
    preprocess = Preprocess(*frame, mean=127, std=128)

    now = Distortion(*amounts).load(CONTENT, preprocess, np.random.default_rng(seed))

    assert now.tobytes() == codelab_s(amounts, preprocess, np.random.default_rng(seed)).tobytes()


def test_what_was_cached_before_there_were_others_is_found() -> None:
    recipe = DistortedRecipe("digest", Preprocess(8, 8, 0, 1), Distortion(True, 1, 2, 3), 4, 5)

    four = {"flip_left_right": True, "random_crop": 1, "random_scale": 2, "random_brightness": 3}
    words = json.dumps(["digest", four, 4, 5])
    assert recipe.key == hashlib.sha256(words.encode()).hexdigest()


@pytest.mark.parametrize("name", [field.name for field in fields(Distortion)])
def test_every_flag_tells_features_apart_in_the_cache(name: str) -> None:
    plain = asdict(Distortion())
    keys = {
        DistortedRecipe("", Preprocess(8, 8, 0, 1), Distortion(**made), 0, 0).key
        for made in (plain, plain | {name: 1}, plain | {name: 2})
    }

    assert len(keys) == 3

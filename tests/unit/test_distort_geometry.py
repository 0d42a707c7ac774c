"""Where a distorted picture looks: as far as asked for, sampled once, and what lies outside."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from poets.decode import ByteArray
from poets.distort import Distortion
from poets.distort.pose import Pose, fit
from poets.preprocess import Preprocess
from tests.support.distorting import FRAME, MAP, Affine, angle, magnification, origin, variants
from tests.support.pictures import encoded, gradient

COUNT = 200
PHOTO: ByteArray = 80 + np.asarray(gradient(32, 32)) // 2


def origins(distortion: Distortion) -> list[Affine]:
    return [origin(variant) for variant in variants(distortion, MAP, COUNT)]


def pose(pixels: ByteArray, **changes: object) -> Pose:
    frame = (pixels.shape[0], pixels.shape[1])
    return Pose(frame, frame, (0, 0), **changes)  # type: ignore[arg-type]


def test_rotations_are_as_far_as_asked_for_and_go_both_ways() -> None:
    angles = [angle(found) for found in origins(Distortion(random_rotation=30))]

    assert -31 < min(angles) < -27
    assert 27 < max(angles) < 31
    assert abs(np.mean(angles)) < 4


def test_a_rotation_of_180_degrees_leaves_out_no_direction() -> None:
    angles = [angle(found) for found in origins(Distortion(random_rotation=180))]

    counts, _ = np.histogram(angles, bins=8, range=(-180, 180))
    assert counts.min() > COUNT / 8 / 2


def test_rotations_change_no_sizes() -> None:
    sizes = [magnification(found) for found in origins(Distortion(random_rotation=180))]

    assert sizes == pytest.approx([1] * COUNT, abs=0.04)


def test_zooms_enlarge_as_often_as_they_reduce_and_no_further_than_asked() -> None:
    sizes = [magnification(found) for found in origins(Distortion(random_zoom=50))]

    assert 1 / 1.55 < min(sizes) < 1 / 1.4
    assert 1.4 < max(sizes) < 1.55
    assert abs(np.mean(np.log(sizes))) < 0.06


def test_shifts_are_a_share_of_each_side_both_ways() -> None:
    found = origins(Distortion(random_shift=20))

    for axis, side in ((0, FRAME[1]), (1, FRAME[0])):
        shares = [-one[axis, 2] / side for one in found]
        assert -0.21 < min(shares) < -0.18
        assert 0.18 < max(shares) < 0.21
        assert abs(np.mean(shares)) < 0.03
    assert abs(np.corrcoef([one[:, 2] for one in found], rowvar=False)[0, 1]) < 0.25


def test_half_are_upside_down() -> None:
    flipped = [
        (variant == MAP[::-1]).all()
        for variant in variants(Distortion(flip_up_down=True), MAP, COUNT)
    ]

    assert 0.4 * COUNT < sum(flipped) < 0.6 * COUNT


def test_both_mirrors_together_give_four_pictures_alike_often() -> None:
    both = Distortion(flip_left_right=True, flip_up_down=True)

    corners = [tuple(variant[0, 0]) for variant in variants(both, MAP, COUNT)]

    seen = [corners.count(corner) for corner in set(corners)]
    assert len(seen) == 4
    assert min(seen) > COUNT / 8


def test_a_further_flag_leaves_what_the_others_draw_as_it_was() -> None:
    alone = origins(Distortion(random_rotation=40))
    more = origins(Distortion(random_rotation=40, random_shift=10, flip_up_down=False))

    assert [angle(one) for one in more] == pytest.approx([angle(one) for one in alone], abs=2.5)


def test_crop_scale_and_zoom_multiply() -> None:
    """Cropped to a half, then enlarged or reduced by a half."""
    sizes = [magnification(found) for found in origins(Distortion(random_crop=100, random_zoom=50))]

    assert 2 / 1.6 < min(sizes) < 2 / 1.4
    assert 2.8 < max(sizes) < 3.2


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        ({"angle": 90}, np.rot90),
        ({"angle": -90}, lambda pixels: np.rot90(pixels, -1)),
        ({"angle": 180}, lambda pixels: np.rot90(pixels, 2)),
        ({"angle": 360}, lambda pixels: pixels),
        ({"shift": (0.25, 0)}, lambda pixels: shifted(pixels, 8, 0)),
        ({"shift": (0, -0.5)}, lambda pixels: shifted(pixels, 0, -16)),
        ({"shift": (0.5, 0.5)}, lambda pixels: shifted(pixels, 16, 16)),
    ],
)
def test_whole_turns_and_whole_pixels_lose_nothing(
    turned: dict[str, object], expected: Callable[[ByteArray], ByteArray]
) -> None:
    seen = pose(PHOTO, **turned).look(PHOTO)

    assert np.abs(seen.astype(int) - expected(PHOTO)).max() <= 1  # Pillow rounds down


def shifted(pixels: ByteArray, down: int, right: int) -> ByteArray:
    """What a picture that is mirrored at its edges shows when it is moved."""
    height, width, _ = pixels.shape
    around = np.pad(pixels, ((height, height), (width, width), (0, 0)), mode="symmetric")
    return around[height - down : 2 * height - down, width - right : 2 * width - right]


def test_a_photo_goes_on_outside_as_its_mirror_image() -> None:
    reduced = pose(PHOTO, zoom=0.5).look(fit(PHOTO, (16, 16)))

    small = fit(PHOTO, (16, 16))
    around = np.pad(small, ((8, 8), (8, 8), (0, 0)), mode="symmetric")
    assert np.abs(reduced.astype(int) - around).max() <= 1


def test_no_variant_of_a_photo_has_black_corners() -> None:
    strong = Distortion(random_rotation=180, random_zoom=400, random_shift=50)

    assert min(variant.min() for variant in variants(strong, PHOTO, 50)) > 40


def on_ground(ground: tuple[int, ...], subject: tuple[int, ...]) -> ByteArray:
    pixels = np.full((28, 28, len(ground)), ground, np.uint8)
    pixels[4:24, 12:16] = subject
    return pixels


@pytest.mark.parametrize(
    ("ground", "subject"), [((0,), (255,)), ((255, 255, 255), (0, 0, 0)), ((20, 90, 200), (0,) * 3)]
)
def test_plain_ground_goes_on_outside(ground: tuple[int, ...], subject: tuple[int, ...]) -> None:
    """Mirrored at the edge, parts of the stroke would be there twice."""
    drawing = on_ground(ground, subject)
    far_away = pose(drawing, zoom=0.25, shift=(0.25, 0.25), angle=10.0)

    seen = far_away.look(fit(drawing, far_away.source_size))

    whole = np.abs(drawing.astype(float) - ground).sum()
    assert (seen[:7] == ground).all()
    assert np.abs(seen.astype(float) - ground).sum() == pytest.approx(whole / 16, rel=0.25)


def test_a_subject_that_touches_the_edge_leaves_the_ground_plain() -> None:
    drawing = on_ground((255,), (0,))
    drawing[24:, 12:16] = 0

    assert (pose(drawing, shift=(-0.5, 0)).look(drawing)[14:] == 255).all()


def test_a_picture_is_decoded_as_finely_as_it_is_looked_at() -> None:
    assert Pose((100, 200), (100, 200), (0, 0)).source_size == (100, 200)
    assert Pose((100, 200), (100, 200), (0, 0), zoom=1.5).source_size == (150, 300)
    assert Pose((100, 200), (100, 200), (0, 0), zoom=0.2).source_size == (20, 40)
    assert Pose((100, 200), (100, 200), (0, 0), zoom=0.001).source_size == (1, 1)


def test_no_flags_make_it_decode_more_than_the_codelab_s_did() -> None:
    widest = Pose((224, 224), (5600, 5600), (0, 0), zoom=5)

    assert widest.source_size == (5600, 5600)
    assert Pose((224, 224), (224, 224), (0, 0), zoom=5).source_size == (896, 896)


def test_an_enlarged_part_of_a_large_picture_is_sharp() -> None:
    """Stripes that the network's size cannot show are there when it looks closer."""
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    content = encoded(Image.fromarray(stripes))
    preprocess = Preprocess(64, 64, mean=0, std=1)
    zoomed = Distortion(random_zoom=300)

    spreads = [
        np.ptp(zoomed.load(content, preprocess, np.random.default_rng(seed))) for seed in range(30)
    ]

    assert np.ptp(preprocess.load(content)) < 60
    assert max(spreads) > 200


def test_reducing_averages_over_what_is_there() -> None:
    """A chequered board becomes gray, not a board of whatever pixels were hit."""
    board = (np.indices((32, 32)).sum(axis=0)[..., np.newaxis] % 2 * 255).astype(np.uint8)
    half = pose(board, zoom=0.5)

    seen = half.look(fit(board, half.source_size))

    assert np.abs(seen.astype(int) - 127).max() <= 20

"""How the pictures that are trained on are changed."""

from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup, flags_of

_VARIANTS = "distortion_variants"


@dataclass(frozen=True, kw_only=True)
class DistortConfig(FlagGroup):
    """How the pictures that are trained on are changed; the kept ones never are."""

    flip_left_right: Annotated[bool, Flag("Mirror half of the training pictures.")] = False
    flip_up_down: Annotated[
        bool, Flag("Mirror half of the training pictures from top to bottom.")
    ] = False
    random_crop: Annotated[
        int, Flag("Percent of a margin around the part that a picture is cropped to.", 0, 400)
    ] = 0
    random_scale: Annotated[
        int, Flag("Percent by how much a picture is enlarged at most.", 0, 400)
    ] = 0
    random_zoom: Annotated[
        int, Flag("Percent by how much a picture is enlarged or reduced at most.", 0, 400)
    ] = 0
    random_rotation: Annotated[
        int, Flag("Degrees by which a picture is turned to either side at most.", 0, 180)
    ] = 0
    random_shift: Annotated[
        int, Flag("Percent of its sides by which a picture is moved at most.", 0, 50)
    ] = 0
    random_brightness: Annotated[
        int, Flag("Percent by how much pixels are made brighter or darker at most.", 0, 100)
    ] = 0
    random_contrast: Annotated[
        int, Flag("Percent by how much contrast is raised or lowered at most.", 0, 100)
    ] = 0
    random_saturation: Annotated[
        int, Flag("Percent by how much colours are made stronger or paler at most.", 0, 100)
    ] = 0
    random_hue: Annotated[
        int, Flag("Degrees by which colours are turned on their circle at most.", 0, 180)
    ] = 0
    random_noise: Annotated[
        int, Flag("Percent of the pixels' range that noise deviates by at most.", 0, 50)
    ] = 0
    distortion_variants: Annotated[
        int, Flag("Distorted variants of a picture; 0 draws anew in every step.", 0, 1000)
    ] = 8

    @property
    def draws_anew(self) -> bool:
        """Whether each step has variants of its own, so that no step sees all pictures."""
        return self.distorts and not self.distortion_variants

    @property
    def distorts(self) -> bool:
        """Whether anything is to be changed at all."""
        names = (name for name, _, _ in flags_of(type(self)) if name != _VARIANTS)
        return any(getattr(self, name) for name in names)

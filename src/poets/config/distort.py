"""How the pictures that are trained on are changed."""

from dataclasses import dataclass
from typing import Annotated

from poets.config.flags import Flag, FlagGroup


@dataclass(frozen=True, kw_only=True)
class DistortConfig(FlagGroup):
    """How the pictures that are trained on are changed; the kept ones never are."""

    flip_left_right: Annotated[bool, Flag("Mirror half of the training pictures.")] = False
    random_crop: Annotated[
        int, Flag("Percent of a margin around the part that a picture is cropped to.", 0, 400)
    ] = 0
    random_scale: Annotated[
        int, Flag("Percent by how much a picture is enlarged at most.", 0, 400)
    ] = 0
    random_brightness: Annotated[
        int, Flag("Percent by how much pixels are made brighter or darker at most.", 0, 100)
    ] = 0
    distortion_variants: Annotated[
        int, Flag("Distorted variants of a picture; 0 draws anew in every step.", 0, 1000)
    ] = 8

    @property
    def distorts(self) -> bool:
        """Whether anything is to be changed at all."""
        amounts = (self.random_crop, self.random_scale, self.random_brightness)
        return self.flip_left_right or any(amounts)

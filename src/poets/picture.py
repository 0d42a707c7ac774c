"""What is known of a picture: for a terminal, and for a notebook, which shows it too."""

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps
from rich.filesize import decimal

from poets.decode import IMAGE_FORMATS, decode, read_file, to_rgb

_ORIENTATION = 0x0112  # the EXIF tag
_LICENSE = "LICENSE.txt"  # of flower_photos: `daisy/1.jpg CC-BY by NAME - ADDRESS`, a line a photo
_MAX_LICENSE = 1 << 24  # bytes; the photos' own has 400,000
_SHOWN_SIDE = 640  # pixels, in a notebook


@dataclass(frozen=True)
class Picture:
    """A picture's file, as it is."""

    path: Path
    format: str
    width: int  # pixels, as stored
    height: int
    mode: str  # Pillow's word for its channels
    size: int  # bytes
    orientation: int  # EXIF's, 1 to 8; above 1 it is shown turned or mirrored
    attribution: str  # "" where none is known

    @property
    def label(self) -> str:
        """The folder that it is in."""
        return self.path.resolve().parent.name

    def __str__(self) -> str:
        turned = "" if self.orientation == 1 else ", turned upright where it is used"
        facts = {
            "label": self.label,
            "picture": f"{self.format}, {self.width} x {self.height} pixels, {self.mode}",
            "size": decimal(self.size),
            "orientation": f"{self.orientation}{turned}",
            "attribution": self.attribution,
        }
        lines = [f"  {name:13}{value}" for name, value in facts.items() if value]
        return "\n".join([str(self.path), *lines])

    def _repr_html_(self) -> str:
        """Show it in a notebook, upright, with its attribution."""
        shown = io.BytesIO()
        with Image.open(io.BytesIO(read_file(self.path)), formats=IMAGE_FORMATS) as image:
            image.draft("RGB", (_SHOWN_SIDE, _SHOWN_SIDE))
            upright = to_rgb(ImageOps.exif_transpose(image))
            upright.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
            upright.save(shown, "JPEG", quality=90)
        data = base64.b64encode(shown.getvalue()).decode()
        caption = html.escape(self.attribution or str(self.path))
        return f'<img src="data:image/jpeg;base64,{data}"><div>{caption}</div>'


def show_image(path: Path | str) -> Picture:
    """Return what is known of a picture; in a notebook it shows itself.

    Raises UnreadableImageError with the reason.
    """
    path = Path(path)
    content = read_file(path)
    decode(content, (8, 8))  # raises for one that `retrain` could not use either
    with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as image:
        return Picture(
            path=path,
            format=image.format or "",
            width=image.width,
            height=image.height,
            mode=image.mode,
            size=len(content),
            orientation=int(image.getexif().get(_ORIENTATION, 1)),
            attribution=_attribution(path),
        )


def _attribution(path: Path) -> str:
    """Return what the LICENSE.txt beside the label folders says of a photo."""
    folder = path.resolve().parent
    licenses = folder.parent / _LICENSE
    try:
        if licenses.stat().st_size > _MAX_LICENSE:
            return ""
        lines = licenses.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    own = f"{folder.name}/{path.name} "
    return next((line.removeprefix(own).strip() for line in lines if line.startswith(own)), "")

"""python -m scripts.show_image PHOTO ...: what is known of a picture.

In a notebook, `from scripts.show_image import show_image` shows the picture too.
"""

from poets.cli.show_image import main
from poets.picture import show_image

__all__ = ["show_image"]

if __name__ == "__main__":
    main()

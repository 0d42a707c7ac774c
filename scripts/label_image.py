"""python -m scripts.label_image: the command `label-image` under the codelab's name."""

from poets.cli.entry import label_image

if __name__ == "__main__":
    label_image()

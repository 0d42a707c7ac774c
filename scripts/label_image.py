"""python -m scripts.label_image: the command `label-image` under the codelab's name."""

from poets.cli.label_image import main

if __name__ == "__main__":
    main()

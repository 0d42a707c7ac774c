"""python -m scripts.retrain: the command `retrain` under the codelab's name."""

from poets.cli.retrain import main

if __name__ == "__main__":
    main()

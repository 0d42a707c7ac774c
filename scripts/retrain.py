"""python -m scripts.retrain: the command `retrain` under the codelab's name."""

from poets.cli.entry import retrain

if __name__ == "__main__":
    retrain()

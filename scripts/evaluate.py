"""python -m scripts.evaluate GRAPH: the command `poets evaluate` under the codelab's name."""

from poets.cli.evaluate import main

if __name__ == "__main__":
    main()

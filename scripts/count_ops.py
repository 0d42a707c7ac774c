"""python -m scripts.count_ops GRAPH [OP]: how many nodes a graph has."""

from poets.cli.count_ops import main

if __name__ == "__main__":
    main()

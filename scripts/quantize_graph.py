"""python -m scripts.quantize_graph --input GRAPH --output FILE: graphs with 8-bit weights."""

from poets.cli.quantize_graph import main

if __name__ == "__main__":
    main()

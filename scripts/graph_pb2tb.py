"""python -m scripts.graph_pb2tb OUT_DIR GRAPH: a graph for TensorBoard to draw."""

from poets.cli.graph_pb2tb import main

if __name__ == "__main__":
    main()

"""Which operations a graph has."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from poets.errors import ModelError
from poets.export.frozen_graph import read_graph
from poets.runtimes.litert import is_tflite

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}


@dataclass(frozen=True)
class Operation:
    """One node of a graph."""

    kind: str  # like Conv2D
    name: str


def list_operations(path: Path) -> list[Operation]:
    """Return the operations of a .pb or .tflite; raises ModelError for what is neither."""
    if not path.is_file() or not is_tflite(path):
        return [Operation(node.op, node.name) for node in read_graph(path).node]
    try:
        return list(_of_tflite(schema.Model.GetRootAs(path.read_bytes(), 0)))
    # What hostile offsets lead to.
    except (struct.error, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ModelError(f"{path} is no .tflite, or damaged.") from error


def _of_tflite(model: schema.Model) -> Iterator[Operation]:
    """Yield the first subgraph's operations; each has the name of what it gives first."""
    graph = model.Subgraphs(0)
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        # A small number has a field of its own, which older readers know.
        kind = _NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        custom = code.CustomCode() or b""
        name = graph.Tensors(operator.Outputs(0)).Name() or b""
        yield Operation(custom.decode() or kind, name.decode())

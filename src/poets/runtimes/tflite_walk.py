"""What the operations of a .tflite do, as far as the way back from its scores is concerned."""

import struct
from collections.abc import Iterator

from ai_edge_litert import schema_py_generated as schema

from poets.runtimes.way import Kind, Step, Way, find_way

_OPS = schema.BuiltinOperator
_KINDS = {
    _OPS.SOFTMAX: Kind.SCORES,
    _OPS.LOGISTIC: Kind.SCORES,
    _OPS.RESHAPE: Kind.CARRY,
    _OPS.SQUEEZE: Kind.CARRY,
    _OPS.DEQUANTIZE: Kind.CARRY,
    _OPS.QUANTIZE: Kind.CARRY,
    _OPS.FULLY_CONNECTED: Kind.DENSE,
    _OPS.RELU: Kind.RELU,
    _OPS.MEAN: Kind.POOL,
    _OPS.AVERAGE_POOL_2D: Kind.POOL,
}
_PLAIN, _RELU = schema.ActivationFunctionType.NONE, schema.ActivationFunctionType.RELU
_BETWEEN = -2  # of a layer and its activation, which are one operation: less the output's number


def way_of_tflite(content: bytes) -> Way[int] | None:
    """Walk back through the first subgraph; None for one that cannot be read."""
    try:
        model = schema.Model.GetRootAs(content, 0)
        return find_way(dict(_steps(model)), int(model.Subgraphs(0).Outputs(0)))
    # What hostile offsets lead to.
    except (struct.error, ValueError, TypeError, IndexError, AttributeError):
        return None


def _steps(model: schema.Model) -> Iterator[tuple[int, Step[int]]]:
    """Yield each tensor that is computed, with its operation."""
    graph = model.Subgraphs(0)
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        kind = _KINDS.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
        activation = _activation(operator) if kind is Kind.DENSE else _PLAIN
        if kind is None or activation not in {_PLAIN, _RELU}:
            continue
        given = (int(operator.Inputs(i)) for i in range(operator.InputsLength()))
        inputs = tuple(tensor for tensor in given if tensor >= 0)  # -1: one that is left out
        output = int(operator.Outputs(0))
        if activation == _RELU:
            yield output, Step(Kind.RELU, (_BETWEEN - output,))
            output = _BETWEEN - output
        yield output, Step(kind, inputs)


def _activation(operator: schema.Operator) -> int:
    table = operator.BuiltinOptions()
    if table is None:
        return int(_PLAIN)
    options = schema.FullyConnectedOptions()
    options.Init(table.Bytes, table.Pos)
    return int(options.FusedActivationFunction())

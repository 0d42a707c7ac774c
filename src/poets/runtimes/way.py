"""From a network's scores back to its last map: through its dense layers and its average pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")  # how a graph calls its tensors: by number, or by name


class Kind(Enum):
    """What an operation does, as far as the way back is concerned."""

    SCORES = "turns logits into scores"
    CARRY = "passes its first input on"
    DENSE = "multiplies with weights, and adds a bias where it has one"
    ADD = "adds its second input"
    RELU = "cuts off what is below 0"
    POOL = "may average over all places"


@dataclass(frozen=True)
class Step(Generic[T]):
    """One operation."""

    kind: Kind
    inputs: tuple[T, ...]


@dataclass(frozen=True)
class DenseAt(Generic[T]):
    """Where a dense layer's tensors are."""

    source: T
    weights: T
    bias: T | None
    relu: bool


@dataclass(frozen=True)
class Way(Generic[T]):
    """The tensors on the way to the scores."""

    scores: T
    layers: tuple[DenseAt[T], ...]  # the first one first
    features: T  # what the first layer takes; the scores themselves where there is none
    last_map: T | None  # whose mean the features may be

    @property
    def layer_inputs(self) -> tuple[T, ...]:
        """What each dense layer takes; of a network without any, what it gives."""
        return tuple(layer.source for layer in self.layers) or (self.features,)


def find_way(steps: Mapping[T, Step[T]], scores: T) -> Way[T]:
    """Walk back from the scores; `steps` tells the operation behind each tensor."""
    tensor = _source(steps, scores)
    last = steps.get(tensor)
    if last is not None and last.kind is Kind.SCORES:
        tensor = last.inputs[0]
    layers: list[DenseAt[T]] = []
    while (layer := _dense(steps, tensor)) is not None and layer not in layers:  # nor a circle
        layers.insert(0, layer)
        tensor = layer.source
    features = tensor if layers else scores
    pool = steps.get(_source(steps, features))
    last_map = pool.inputs[0] if pool is not None and pool.kind is Kind.POOL else None
    return Way(scores, tuple(layers), features, last_map)


def _dense(steps: Mapping[T, Step[T]], tensor: T) -> DenseAt[T] | None:
    """Return the dense layer that gives a tensor, with the activation behind it."""
    step = steps.get(_source(steps, tensor))
    relu = step is not None and step.kind is Kind.RELU
    if step is not None and relu:
        step = steps.get(_source(steps, step.inputs[0]))
    bias = None
    if step is not None and step.kind is Kind.ADD:
        bias = step.inputs[1]
        step = steps.get(_source(steps, step.inputs[0]))
    if step is None or step.kind is not Kind.DENSE:
        return None
    source, weights, *more = step.inputs
    if more:
        bias = more[0]
    # Weights of 16 bits are widened first.
    return DenseAt(
        source, _source(steps, weights), None if bias is None else _source(steps, bias), relu
    )


def _source(steps: Mapping[T, Step[T]], tensor: T) -> T:
    """Return the tensor that a value comes from, not counting what only passes it on."""
    seen: set[T] = set()
    while tensor not in seen and tensor in steps and steps[tensor].kind is Kind.CARRY:
        seen.add(tensor)
        tensor = steps[tensor].inputs[0]
    return tensor

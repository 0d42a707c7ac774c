"""Where a network can be cut in two: its blocks, counted from the end."""

import re
from collections.abc import Iterator, Sequence

from poets.backbones.quiet_tensorflow import keras
from poets.errors import UsageError

# What layers of one block have in common, as Keras and EfficientNet-Lite0 here name them.
_NAMES = re.compile(
    r"(?:^|_)(?:blocks\.(\d+)|conv(\d+_block\d+)|stage_(\d+_block_\d+)|block_?(\d+(?:[a-z]|_\d+)?)"
    r"|expanded_conv(_\d+)?|conv_(?:dw|pw|pad)_(\d+))(?=[_.]|$)"
)
_JOINS = (keras.layers.Add, keras.layers.Concatenate)


def cut_before(model: keras.Model, n_blocks: int) -> keras.KerasTensor:
    """Return the tensor that the last blocks begin with.

    Raises UsageError where there are fewer blocks.
    """
    cuts = block_starts(model)
    if n_blocks > len(cuts):
        message = f"--fine_tune_blocks {n_blocks}: {model.name} can be cut at {len(cuts)} blocks."
        hint = f"Give a number up to {len(cuts)}, or all." if cuts else "Give all."
        raise UsageError(message, hint=hint)
    return cuts[-n_blocks]


def block_starts(model: keras.Model) -> list[keras.KerasTensor]:
    """Return the tensors between which the blocks lie, the first block's first.

    A block is what one name is common to (`blocks.15`, `block_16_...`, `conv5_block3_...`); in a
    network without such names, what lies between two joins of branches (`mixed9`). Only a tensor
    that everything flows through is one to cut at.
    """
    # Not its layers alone: an activation may be made of plain multiplications.
    layers = [x for x in model.operations if not isinstance(x, keras.layers.InputLayer)]
    waists = _waists(model, layers)
    firsts = [*_first_of_names(layers)] or [*_behind_joins(layers, waists)]
    # A name may begin behind the last waist: the block then begins at the waist.
    starts = [max((w for w in waists if w < first), default=None) for first in firsts]
    return [layers[i].output for i in dict.fromkeys(starts) if i is not None]


def _waists(model: keras.Model, layers: Sequence[keras.Operation]) -> list[int]:
    """Return the layers whose output is all that the later ones get to see."""
    made_by = {id(tensor): -1 for tensor in model.inputs}
    made_by |= {id(layer.output): i for i, layer in enumerate(layers)}
    waists: list[int] = []
    oldest = len(layers)  # that anything behind reads
    for i in range(len(layers) - 1, -1, -1):
        if oldest == i:
            waists.append(i)
        read = [made_by[id(tensor)] for tensor in keras.tree.flatten(layers[i].input)]
        oldest = min(oldest, *read)
    return waists[::-1]


def _first_of_names(layers: Sequence[keras.Operation]) -> Iterator[int]:
    last = None
    for i, layer in enumerate(layers):
        match = _NAMES.search(layer.name)
        name = next(filter(None, match.groups()), "") if match else None
        if name is not None and name != last:
            last = name
            yield i


def _behind_joins(layers: Sequence[keras.Operation], waists: Sequence[int]) -> Iterator[int]:
    weighty = [i for i, layer in enumerate(layers) if getattr(layer, "weights", ())]
    for i in waists:
        if isinstance(layers[i], _JOINS) and i < weighty[-1]:
            yield i + 1

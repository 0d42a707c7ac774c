"""The L2 penalty that suits: tried from strong to weak, judged by validation pictures."""

from dataclasses import replace

import numpy as np

from poets.heads.lbfgs import Lbfgs
from poets.heads.loss import Loss, Rows
from poets.heads.softmax import SoftmaxHead, cross_entropy
from poets.preprocess import FloatArray

PENALTIES: tuple[float, ...] = tuple(
    10.0 ** (exponent / 2) for exponent in range(2, -13, -1)
)  # 10 to 1e-6
WITHOUT_VALIDATION = 0.1
_ROUGHLY = 1e-3  # the largest gradient of heads that are only compared with each other
_STEPS = 100  # for each of them, at most
_WORSE = 2  # penalties in a row that validation likes less end the search
_LESS = 1e-4  # nats


def pick_l2(
    start: SoftmaxHead, parts: tuple[Rows, Rows], loss: Loss, label_weights: FloatArray
) -> float:
    """Return the penalty with which validation pictures have the lowest cross entropy.

    `parts` are training and validation. Each head starts where the one before it ended, but those
    with a hidden layer, which does not come back once a penalty has made it nothing.
    """
    training, validation = parts
    if not len(validation.label_ids):
        return WITHOUT_VALIDATION
    head = start
    losses: list[float] = []
    for l2 in PENALTIES:
        head = start if start.hidden is not None else head
        optimizer = Lbfgs(replace(loss, l2=l2), label_weights, enough=_ROUGHLY)
        for _ in range(_STEPS):
            head = optimizer.step(head, training)
            if optimizer.converged:
                break
        losses.append(cross_entropy(head.logits(validation.values), validation.label_ids))
        if min(losses[-_WORSE:]) > min(losses) + _LESS:
            break
    best = int(np.argmin(losses))
    return PENALTIES[best]

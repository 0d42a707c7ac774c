"""A backbone with its trained head: what exporters write."""

from dataclasses import dataclass

from poets.backbones.compiled import Backbone
from poets.heads.softmax import SoftmaxHead
from poets.manifest import Manifest


@dataclass(frozen=True)
class Classifier:
    """Everything an export needs."""

    backbone: Backbone
    head: SoftmaxHead  # of raw features
    manifest: Manifest

"""Distortions of training pictures: one of many is drawn, and a picture is changed by it."""

from poets.distort.distortion import Distortion, generator

__all__ = ["Distortion", "generator"]

"""Retrain an image classifier from a folder of pictures."""

__version__ = "0.1.0"

"""Labelling many pictures: which ones, with how many graphs, and where they go after."""

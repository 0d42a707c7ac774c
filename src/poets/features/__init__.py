"""Backbone features of pictures: made on every core, kept in a cache."""

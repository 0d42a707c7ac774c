"""The stages of `retrain`, each a few calls of the modules above."""

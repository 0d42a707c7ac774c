"""Writing a trained classifier to files."""

"""TensorBoard in the background, on what `retrain` wrote."""

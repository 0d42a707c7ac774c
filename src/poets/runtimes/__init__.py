"""Running a model file: LiteRT, or TensorFlow for graphs from elsewhere."""

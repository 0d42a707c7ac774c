"""What TensorBoard shows of a training, written without TensorFlow."""

"""Every tag and run of TensorBoard, in one place."""

# Runs: sub-folders of --summaries_dir; settings, results and the projector are in the folder itself
TRAIN, VALIDATION, TEST = "train", "validation", "test"

# As the codelab names them
ACCURACY = "accuracy_1"
CROSS_ENTROPY = "cross_entropy_1"
_SCOPE = "final_training_ops"
PRE_ACTIVATIONS = f"{_SCOPE}/Wx_plus_b/pre_activations"
ACTIVATIONS = "activations"
VARIABLES = ("weights", "biases", "hidden_weights", "hidden_biases")  # as a head holds them
STATISTICS = ("mean", "stddev", "max", "min")

# Pictures
TRAINING_PICTURES = "input/training_pictures"
DISTORTED_PICTURES = "input/distorted_pictures"
CONFUSION = "result/confusion_matrix"
MISTAKES = "result/mistakes"
WEIGHTS = "result/weights"

# A run's row in the table of runs
RESULTS = {
    "test accuracy": "result/test_accuracy",
    "test cross entropy": "result/test_cross_entropy",
    "validation accuracy": "result/validation_accuracy",
}


def variable_tag(variable: str, statistic: str) -> str:
    """Return the tag of a statistic of the head's weights or biases."""
    return f"{_SCOPE}/{variable}/summaries/{statistic}"


def curve_tag(label: str) -> str:
    """Return the tag of a label's precision and recall."""
    return f"{label}/pr_curves"

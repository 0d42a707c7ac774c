"""The codelab's `_quantized` names, where the archive has no quantized graph."""

from pathlib import Path

from tests.support.commands import Trained, run_in


def test_a_network_of_floats_brings_an_8_bit_export_that_labels(
    trained: Trained, model_dir: Path, tmp_path: Path
) -> None:
    flags = ("--architecture", "mobilenet_1.0_224_quantized", "--how_many_training_steps", "500")
    folders = ("--image_dir", trained.image_dir, "--model_dir", model_dir)
    output = run_in(tmp_path, "retrain", *folders, *flags)

    assert output.returncode == 0, output.stderr
    graph = tmp_path / "tf_files" / "retrained_graph.pb"
    small = graph.with_name("retrained_graph_dynamic.tflite")
    assert small.stat().st_size < 0.4 * graph.stat().st_size
    photo = next((trained.image_dir / "tulip").iterdir())
    labelled = run_in(tmp_path, "label-image", "--graph", small, photo)
    assert labelled.stdout.count("(score=") == 5, labelled.stderr

"""What no accident may cost: a kill, a full disk, another process at the same cache."""

import random
import shutil
import signal
from pathlib import Path

import pytest

from poets.features.cache import CACHE_FILE
from tests.support.places import Place

AT_ONCE = 64  # pictures that a kill may cost


def kill_after(place: Place, pictures: int) -> None:
    """Kill an extraction when it has said that so many pictures are done."""
    with place.start() as process:
        assert process.stdout is not None
        for _ in range(pictures):
            assert process.stdout.readline().startswith("done")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def check_kill(place: Place, pictures: int) -> None:
    kill_after(place, pictures)

    kept = place.known()
    extraction, recorder = place.extract()

    assert kept >= pictures - pictures % AT_ONCE
    assert recorder.cached == kept
    assert len(extraction.images) == 300
    assert not (place.cache / "features.damaged").exists()


@pytest.fixture
def many(tmp_path: Path) -> Place:
    """300 pictures: several batches."""
    return Place(tmp_path, 100)


@pytest.mark.parametrize("pictures", [1, 150])
def test_a_kill_costs_a_batch_at_most_and_the_cache_goes_on(many: Place, pictures: int) -> None:
    check_kill(many, pictures)


@pytest.mark.slow
def test_kills_at_any_moment_cost_a_batch_at_most(many: Place) -> None:
    rng = random.Random(0)
    for _ in range(30):
        shutil.rmtree(many.cache, ignore_errors=True)
        check_kill(many, rng.randrange(1, 250))


@pytest.mark.slow
def test_one_kill_after_another_gets_there_in_the_end(many: Place) -> None:
    for _ in range(3):
        kill_after(many, AT_ONCE)

    assert many.known() >= 3 * AT_ONCE
    assert len(many.extract()[0].images) == 300


def test_two_processes_may_fill_one_cache(many: Place) -> None:
    processes = [many.start(), many.start()]
    said = [process.communicate(timeout=120) for process in processes]

    assert [error for _, error in said] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    together, recorder = many.extract()
    assert recorder.new == 0
    many.cache = many.cache.with_name("alone")
    alone, _ = many.extract()
    assert together.values.tobytes() == alone.values.tobytes()


def test_a_full_disk_is_named_and_what_is_kept_stays(many: Place) -> None:
    with many.start("140000") as process:
        out, error = process.communicate(timeout=120)

    assert process.returncode == 1
    assert str(many.cache / CACHE_FILE) in error
    assert "cannot be written" in error
    assert out.count("done") >= AT_ONCE
    extraction, recorder = many.extract()
    assert recorder.cached > 0
    assert len(extraction.images) == 300

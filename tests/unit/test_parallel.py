import os
import threading
from collections.abc import Callable, Iterator

import pytest

from poets.parallel import available_cores, first_then, map_on_cores


def doubler() -> Callable[[int], int]:
    return lambda item: 2 * item


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(map_on_cores(doubler, range(500))) == list(range(0, 1000, 2))


def test_what_is_there_is_handed_out_once_also_where_it_is_nothing() -> None:
    made = iter(range(1, 10))
    hand_out = first_then(0, lambda: next(made))
    assert [hand_out() for _ in range(3)] == [0, 1, 2]


def test_no_items_no_results() -> None:
    assert list(map_on_cores(doubler, [])) == []


def test_no_worker_is_used_by_two_threads() -> None:
    def make_worker() -> Callable[[int], tuple[int, int]]:
        made = threading.Event()
        return lambda _: (id(made), threading.get_ident())

    pairs = set(map_on_cores(make_worker, range(200)))

    assert len(pairs) == len({worker for worker, _ in pairs})
    assert len(pairs) == len({thread for _, thread in pairs})
    assert len(pairs) <= available_cores()


def test_items_are_worked_on_at_the_same_time() -> None:
    barrier = threading.Barrier(available_cores(), timeout=30)

    def make_worker() -> Callable[[int], int]:
        return lambda _: barrier.wait()  # returns when every core is at it

    ranks = list(map_on_cores(make_worker, range(available_cores())))

    assert sorted(ranks) == list(range(available_cores()))


def test_endless_items_are_taken_as_they_are_needed() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(10**9):
            taken.append(number)
            yield number

    results = map_on_cores(doubler, items())

    assert [next(results) for _ in range(3)] == [0, 2, 4]
    results.close()  # type: ignore[attr-defined]
    assert len(taken) <= 3 + 4 * available_cores()


def test_an_error_comes_after_the_results_before_it_and_ends_the_work() -> None:
    def make_worker() -> Callable[[int], float]:
        return lambda item: 1 / (2 - item)

    results = map_on_cores(make_worker, range(1000))

    assert [next(results), next(results)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert [thread.name for thread in threading.enumerate() if "poets" in thread.name] == []


def test_a_worker_that_cannot_be_made_is_said_before_any_item_is_taken() -> None:
    taken = []

    def items() -> Iterator[int]:
        taken.append(1)
        yield 1

    def make_worker() -> Callable[[int], int]:
        raise ValueError("no worker")

    with pytest.raises(ValueError, match="no worker"):
        list(map_on_cores(make_worker, items()))
    assert taken == []


def test_as_many_cores_as_this_process_may_use() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)

"""The pause between two requests."""

import threading
from typing import Any

from argo_tradervue_plugin.tradervue.pacing import Pacer


def test_turns_are_an_interval_apart_from_start_to_start(fake_time: Any) -> None:
    """Time spent on a request counts; only what is missing is slept."""
    pacer = Pacer(0.5, clock=fake_time.clock, sleep=fake_time.sleep)

    pacer.wait()
    fake_time.now += 0.125
    pacer.wait()
    fake_time.now += 2
    pacer.wait()

    assert fake_time.sleeps == [0.375]


def test_no_interval_is_no_pause(fake_time: Any) -> None:
    """On this machine nothing needs pacing."""
    pacer = Pacer(0, clock=fake_time.clock, sleep=fake_time.sleep)

    pacer.wait()
    pacer.wait()

    assert fake_time.sleeps == []


def test_threads_get_turns_of_their_own() -> None:
    """Twenty threads at one moment reserve twenty turns, half a second apart."""
    sleeps: list[float] = []
    pacer = Pacer(0.5, clock=lambda: 0.0, sleep=sleeps.append)
    threads = [threading.Thread(target=pacer.wait) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(sleeps) == [0.5 * turn for turn in range(1, 20)]

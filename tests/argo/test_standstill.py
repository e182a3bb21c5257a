"""The meter tells how long the loop stood still, by a clock that tests turn."""

import asyncio

from tests.argo.standstill import LoopMeter


class HandClock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def test_blocking_call_is_measured() -> None:
    """Half a second on the loop's own thread is a standstill of half a second."""
    clock = HandClock()

    async def trade() -> LoopMeter:
        async with LoopMeter(interval=0.0, clock=clock) as meter:
            clock.now += 0.5  # a synchronous call that takes its time
        return meter

    meter = asyncio.run(trade())
    assert meter.longest == 0.5


def test_waiting_call_is_no_standstill() -> None:
    """A coroutine that lets others run does not hold the loop up."""

    async def trade() -> LoopMeter:
        async with LoopMeter(interval=0.0, clock=HandClock()) as meter:
            for _ in range(10):
                await asyncio.sleep(0)
        return meter

    meter = asyncio.run(trade())
    assert meter.standstills
    assert meter.longest == 0.0


def test_interval_is_not_counted() -> None:
    """Only what comes on top of the wait between two looks is a delay."""
    clock = HandClock()

    async def trade() -> LoopMeter:
        async with LoopMeter(interval=0.01, clock=clock) as meter:
            clock.now += 0.01
        return meter

    assert asyncio.run(trade()).longest < 1e-9


def test_percentile_leaves_out_the_rare_ones() -> None:
    """Ninety-nine of a hundred were shorter than the longest."""
    meter = LoopMeter()
    meter.standstills = [0.001] * 99 + [0.5]

    assert meter.percentile(50) == 0.001
    assert meter.percentile(99) == 0.5
    assert meter.percentile(98) == 0.001
    assert LoopMeter().percentile(99) == 0.0


def test_meter_can_be_used_again() -> None:
    """A second stretch adds to what the first has measured."""

    async def twice() -> LoopMeter:
        meter = LoopMeter(interval=0.0)
        async with meter:
            pass
        before = len(meter.standstills)
        async with meter:
            pass
        assert len(meter.standstills) > before
        return meter

    assert asyncio.run(twice()).longest >= 0.0

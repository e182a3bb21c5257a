"""The worker step by step: lease, pauses, and what its health tells."""

import logging
from typing import Any

import pytest

from argo_tradervue_plugin.delivery.health import Circuit
from argo_tradervue_plugin.delivery.lease import holder_name
from argo_tradervue_plugin.delivery.schedule import LONGEST_DELAY
from argo_tradervue_plugin.errors import OutboxBusy, OutboxError
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import Recorded, State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences


def hold_lease(forwarder: Forwarder, seconds: float = 70) -> None:
    """Let a process elsewhere hold the lease."""
    lease = forwarder.outbox.claim(
        "elsewhere/1/1", now=forwarder.clock(), ttl=seconds, is_gone=lambda _: True
    )
    assert lease is not None


def test_step_without_anything_to_do_asks_nobody(forwarder: Forwarder) -> None:
    """An idle host costs Tradervue no request, and itself a look a second."""
    with forwarder.counted() as made:
        waits = [forwarder.step() for _ in range(5)]

    assert made == {}
    assert waits == [1.0] * 5
    assert forwarder.worker.holds_lease


def test_only_the_holder_of_the_lease_forwards(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Before any remote call, reads included; then the lease runs out."""
    hold_lease(forwarder)
    trade = host_trade(1)
    forwarder.enter(trade)
    with forwarder.counted() as made:
        assert not forwarder.run(seconds=60)
    assert made == {}
    assert not forwarder.worker.holds_lease
    assert len(forwarder.outbox.inbox(10)) == 1

    assert forwarder.run(seconds=60)
    assert forwarder.states(trade) == {"entry": "synced"}


def test_held_events_are_written_by_who_does_not_forward_too(
    forwarder: Forwarder,
) -> None:
    """What waits in a process's memory is written by that process."""
    hold_lease(forwarder)
    forwarder.held.hold(
        Recorded("t", EventKind.ENTRY, "i", "{}", forwarder.clock()),
        OutboxBusy("locked"),
    )
    forwarder.step()

    assert len(forwarder.held) == 0
    assert [event.trade_id for event in forwarder.outbox.inbox(10)] == ["t"]


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_lost_lease_ends_everything_at_once(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    steps: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever comes back after a long sleep finds another at work, and stops."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    for _ in range(steps):
        forwarder.step()
    hold_lease(forwarder)
    before = forwarder.states(trade)
    other = host_trade(2)
    forwarder.enter(other)
    forwarder.step()

    assert not forwarder.worker.holds_lease
    assert forwarder.states(trade) == before
    assert forwarder.states(other) == {"entry": "new"}
    assert "tradervue.lease_lost" in caplog.text

    forwarder.clock.now += 71
    assert forwarder.run()
    assert len(journal.trades()) == 2


def test_lease_is_renewed_long_before_it_expires(forwarder: Forwarder) -> None:
    """More of it is left than any single request can take."""
    forwarder.step()
    timeout = forwarder.settings.timeout_seconds
    for _ in range(500):
        forwarder.step()
        left = forwarder.outbox.lease_free_at() - forwarder.clock()
        assert left >= timeout

    holder = forwarder.outbox.lease_holder()
    assert holder is not None
    assert holder.startswith(f"{holder_name()}/")


def test_process_that_slept_goes_on_if_nobody_came(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """An expired lease that nobody took is still its own."""
    forwarder.enter(host_trade(1))
    forwarder.step()
    forwarder.clock.now += 10_000
    assert forwarder.run()

    assert len(journal.trades()) == 1


def test_events_of_another_process_are_found_within_a_second(
    make: Make, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The worker looks by itself: nobody has to wake it."""
    forwarder.step()
    elsewhere = make("outbox.db")
    elsewhere.enter(host_trade(1))

    wait = forwarder.step()
    assert wait <= 1.0
    assert forwarder.run()
    assert len(journal.trades()) == 1


def test_health_tells_the_last_error_and_its_end(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """Each value has its own time."""
    sandbox.inject("server_error", times=2, path="/imports", status=503)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures)
    health = forwarder.worker.health
    assert health.last_error is not None
    assert "503" in health.last_error
    assert health.retry_at > 0
    assert health.last_success_at is None

    forwarder.run(seconds=3000)
    assert (health.failures, health.retry_at) == (0, 0.0)
    assert health.last_success_at is not None
    assert health.last_error is not None


def test_open_circuit_asks_one_small_question_at_a_time(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """After a run of failures nothing is sent until Tradervue has answered."""
    sandbox.inject("server_error", times=None)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures == 5)
    health = forwarder.worker.health
    assert health.circuit(health.retry_at - 0.001) is Circuit.OPEN
    with forwarder.counted() as made:
        forwarder.step_until(lambda: health.failures == 25)
    assert made == {"GET /trades": 20}

    sandbox.clear_faults()
    forwarder.step_until(lambda: health.circuit(forwarder.clock()) is Circuit.HALF_OPEN)
    assert forwarder.run(seconds=3000)
    assert health.circuit(forwarder.clock()) is Circuit.CLOSED
    assert len(journal.trades()) == 1


def test_pauses_between_the_questions_grow_to_a_cap(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """A day without Tradervue costs some hundred requests, and no more."""
    sandbox.inject("server_error", times=None)
    forwarder.enter(host_trade(1))
    longest = LONGEST_DELAY * forwarder.settings.first_poll
    with forwarder.counted() as made:
        assert not forwarder.run(seconds=100 * longest)

    # Each pause is between half of the cap and all of it, once they have grown.
    assert 100 <= made["GET /trades"] <= 230


def test_worker_does_not_spin_while_something_is_put_off(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """Between two tries it sleeps; the exit that waits for its entry wakes nobody."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    forwarder.run(seconds=5)

    assert [forwarder.step() for _ in range(3)] == [1.0, 1.0, 1.0]


def test_failing_outbox_is_raised_and_nothing_is_lost(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, for instance; the thread pauses over it and tries again."""
    forwarder.enter(host_trade(1))

    def full(*_: object) -> None:
        raise OutboxError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(forwarder.outbox, "inbox", full)
        with pytest.raises(OutboxError):
            forwarder.step()
        assert forwarder.worker.turn() > 0
    assert forwarder.worker.health.last_error == "the disk is full"
    assert forwarder.run(seconds=100)


def test_two_workers_of_one_process_do_not_share_the_lease(
    make: Make, forwarder: Forwarder
) -> None:
    """Two integrations in one process on one outbox: one of them forwards."""
    other = make("outbox.db")
    forwarder.step()
    other.step()

    assert forwarder.worker.holds_lease
    assert not other.worker.holds_lease


def test_holder_that_cannot_write_lets_another_go_on(
    make: Make, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What fails for one process, its connection say, need not fail for all."""
    other = make("outbox.db")
    other.clock = forwarder.clock
    trade = host_trade(1)
    forwarder.step()
    forwarder.enter(trade)
    write = forwarder.outbox.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forwarder.outbox, "write", no_room)
        assert forwarder.worker.turn() > 0
        assert not forwarder.worker.holds_lease
        assert forwarder.worker.turn() > 0  # and leaves it to others
        assert other.run(seconds=1)
    assert forwarder.outbox.write == write
    assert other.worker.holds_lease
    assert other.states(trade) == {"entry": "synced"}


def test_holder_that_cannot_even_give_the_lease_back_does_not_renew_it(
    make: Make, forwarder: Forwarder
) -> None:
    """Then it runs out; and where nobody else is, the same process has it again."""
    forwarder.step()
    until = forwarder.outbox.lease_free_at()
    trade = host_trade(1)
    forwarder.enter(trade)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("write", "release", "renew"):
            patch.setattr(forwarder.outbox, name, no_room)
        while forwarder.clock.now < until:
            forwarder.worker.turn()
            forwarder.clock.now += 1
        assert not forwarder.worker.holds_lease
    assert forwarder.run(seconds=100)
    assert forwarder.states(trade) == {"entry": "synced"}


def no_room(*_: object, **__: object) -> Any:
    """Fail as a full disk does."""
    raise OutboxError("the disk is full")


def test_notes_follow_soon(
    make: Make, journal: JournalReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do not wait for the last import of a long backfill."""
    monkeypatch.setattr("argo_tradervue_plugin.delivery.importer.NOTES_WAITING", 2)
    forwarder = make(import_size=2)
    trades = [host_trade(n) for n in range(1, 7)]
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    most = 0
    while not forwarder.worker.is_idle():
        forwarder.step()
        most = max(most, forwarder.outbox.counts()[State.LINKED])

    assert most <= 8  # six entries, and the first two exits
    assert differences(journal, map(vars, trades)) == []


def test_notes_are_written_while_the_next_import_runs(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there is time for, and not only what one page of a list shows."""
    monkeypatch.setattr("argo_tradervue_plugin.delivery.annotator.CHUNK", 1)
    forwarder = make(import_size=6)
    trades = [host_trade(n) for n in range(1, 7)]
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED, 6))
    assert forwarder.counts() == {"linked": 6, "recorded": 6}
    forwarder.step()

    assert forwarder.counts() == {"synced": 6, "linked": 6}


def test_idle_means_that_all_is_in_its_final_state(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """What is held, recorded, refused and not yet shown counts as work."""
    assert forwarder.worker.is_idle()
    forwarder.held.hold(
        Recorded("t", EventKind.ENTRY, "i", "{}", forwarder.clock()),
        OutboxBusy("locked"),
    )
    assert not forwarder.worker.is_idle()
    forwarder.run()
    assert forwarder.worker.is_idle()

    sandbox.assume(fractional_quantities="refused")
    forwarder.enter(host_trade(1, filled_qty=0.5))
    forwarder.step_until(lambda: forwarder.is_in(State.BASIC))
    assert not forwarder.worker.is_idle()
    assert forwarder.run()


def test_log_holds_no_secret_at_debug_level(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the password nor the header that it goes into, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    forwarder = make(password="canary-pässword")
    sandbox.inject("server_error", times=3)
    sandbox.inject("reset_after", times=3)
    forwarder.enter(host_trade(1))
    forwarder.run(seconds=3000)

    assert "canary" not in caplog.text
    assert "Basic " not in caplog.text
    assert "canary" not in str(forwarder.worker.health)

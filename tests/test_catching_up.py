"""What the host has stored is asked for until its trackers have answered."""

import gc
import logging
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery import catching_up
from argo_tradervue_plugin.delivery.asking import Asker
from argo_tradervue_plugin.errors import OutboxError, TrackerError
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.web.failures import explained
from tests.delivery.stepping import host_trade
from tests.fakes import eventually, room_for


class Tracker:
    """A tracker of a host that raises as often as it is to."""

    def __init__(self, *trades: SimpleNamespace, failures: int = 0) -> None:
        self.trades = trades
        self.failures = failures
        self.asked = 0

    def _get_recent_trades(self, days: int) -> list[SimpleNamespace]:
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError("Redis is\naway")
        return list(self.trades)


@pytest.fixture
def settings(section: dict[str, Any]) -> Settings:
    """The settings of a host that keeps everything."""
    return Settings.from_mapping(section | {"aws_secrets": False})


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a tracker be asked again after some hundredths of a second."""
    monkeypatch.setattr(catching_up, "AGAIN", (0.02, 0.05))


@pytest.mark.usefixtures("soon")
def test_a_tracker_that_fails_is_asked_again_and_named(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the host's fault, and nothing of the plugin's; another one is not lost."""
    failing = Tracker(host_trade(1), failures=3)
    fine = Tracker(host_trade(2))
    with TradervueIntegration(settings, failing) as integration:
        integration.add_tracker(fine)
        integration.resume()
        eventually(
            lambda: integration.outbox.counts()[State.SYNCED] == 4, "both arrive"
        )
        assert failing.asked == 4
        assert integration.worker.facts()["tracker_failures"] == 0
        integration.worker.wake()
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]

    assert [line.split()[:2] for line in lines] == [
        ["tradervue.tracker_failed", "failures=1"],
        ["tradervue.tracker_failed", "failures=2"],
    ]
    assert "tracker Tracker failed to list its trades" in lines[0]
    assert "ConnectionError: Redis is away" in lines[0]
    assert "internal_error" not in caplog.text


@pytest.mark.usefixtures("soon")
def test_what_other_trackers_have_is_recorded_meanwhile(settings: Settings) -> None:
    """One that never answers holds up nobody."""
    never = Tracker(failures=10**9)
    with TradervueIntegration(settings, never) as integration:
        integration.add_tracker(Tracker(host_trade(2)))
        integration.resume()
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 2, "it arrives")
        assert never.asked > 1


def test_a_tracker_that_joins_later_is_asked_too(settings: Settings) -> None:
    """Hosts re-create their trackers."""
    with TradervueIntegration(settings, Tracker(host_trade(1))) as integration:
        integration.resume()
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 2, "the first")
        integration.add_tracker(Tracker(host_trade(2)))
        integration.worker.wake()
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 4, "the second")


def test_a_sync_says_that_the_tracker_failed(settings: Settings) -> None:
    """It cannot know what is lacking; the answer names the host's tracker."""
    with TradervueIntegration(settings, Tracker(failures=10**9)) as integration:
        with pytest.raises(TrackerError, match="Tracker failed to list") as raised:
            integration.synchronize()
        with pytest.raises(TrackerError):
            integration.reconcile()

    answer = explained("sync", raised.value)
    assert answer.status == 500
    assert "the host's tracker Tracker failed" in str(answer.body["detail"])


@pytest.fixture
def plugin(section: dict[str, Any]) -> Iterator[TradervuePlugin]:
    """A plugin that was started and is stopped, whatever happens."""
    plugin = TradervuePlugin()
    told = section | {"aws_secrets": False, "flush_seconds": 0}
    plugin.start({"plugins": {"tradervue": told}})
    yield plugin
    plugin.stop()


def said(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Return the lines of the log by what they begin with."""
    lines = [record.getMessage() for record in caplog.records]
    return {line.split()[0]: line for line in lines}


def test_what_is_in_memory_alone_at_the_end_is_lost_and_said_to_be(
    plugin: TradervuePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no promise that the next start sends it."""
    integration = plugin.integration
    assert integration is not None
    integration.worker.stop(60)
    with room_for(0):
        plugin.on_trade_recorded(host_trade(1))
        plugin.on_trade_recorded(host_trade(2))
        plugin.stop()

    assert integration.held.lost == 2
    lines = said(caplog)
    assert "events=2" in lines["tradervue.lost_at_shutdown"]
    assert "a tracker with a store of its own" in lines["tradervue.lost_at_shutdown"]
    # On a full disk even reading may fail: how many are left is not known then.
    assert "events=2" not in lines.get("tradervue.left_in_outbox", "")
    levels = {r.getMessage().split()[0]: r.levelname for r in caplog.records}
    assert levels["tradervue.lost_at_shutdown"] == "ERROR"


def test_what_is_on_disk_at_the_end_is_sent_at_the_next_start(
    plugin: TradervuePlugin,
    section: dict[str, Any],
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Counted without what is lost."""
    sandbox.inject("server_error", times=None)
    integration = plugin.integration
    assert integration is not None
    plugin.on_trade_recorded(host_trade(1))
    plugin.stop()
    lines = said(caplog)
    assert (
        "events=1: they are sent at the next start" in lines["tradervue.left_in_outbox"]
    )
    assert "tradervue.lost_at_shutdown" not in lines

    sandbox.clear_faults()
    settings = Settings.from_mapping(section | {"aws_secrets": False})
    with TradervueIntegration(settings) as later:
        assert later.flush(60)
        assert later.outbox.counts()[State.SYNCED] == 1


def test_a_catch_up_that_cannot_be_written_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The disk's fault, and not the tracker's."""
    with TradervueIntegration(settings, Tracker(host_trade(1))) as integration:
        states_of, failures = integration.outbox.states_of, [1, 2]

        def broken(ids: Any) -> Any:
            if failures:
                failures.pop()
                raise OutboxError("full")
            return states_of(ids)

        monkeypatch.setattr(integration.outbox, "states_of", broken)
        integration.outbox.record(Recorded("other", EventKind.ENTRY, "i", "{}", 1.0))
        integration.resume()
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 2, "it arrives")
        assert failures == []


# A tracker that does not answer -----------------------------------------------------


class Hanging(Tracker):
    """A tracker that answers when it is let go."""

    def __init__(self, *trades: SimpleNamespace) -> None:
        super().__init__(*trades)
        self.released = threading.Event()

    def _get_recent_trades(self, days: int) -> list[SimpleNamespace]:
        self.asked += 1
        self.released.wait(120)
        return list(self.trades)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """A tracker that hangs until the test is over at the latest."""
    tracker = Hanging(host_trade(1))
    yield tracker
    tracker.released.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a tracker some tenths of a second."""
    monkeypatch.setattr(catching_up, "PATIENCE", 0.1)
    monkeypatch.setattr("argo_tradervue_plugin.services.integration.PATIENCE", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_tracker_that_hangs_holds_nothing_up_and_is_named(
    settings: Settings, hanging: Hanging, caplog: pytest.LogCaptureFixture
) -> None:
    """Not the forwarding, not another tracker, and not the end; its answer counts."""
    with TradervueIntegration(settings, hanging) as integration:
        integration.add_tracker(Tracker(host_trade(2)))
        integration.resume()
        integration.record_entry(host_trade(3))
        integration.record_exit(host_trade(3))
        eventually(
            lambda: integration.outbox.counts()[State.SYNCED] == 4, "both arrive"
        )
        eventually(lambda: integration.worker.facts()["tracker_problem"], "it is named")
        named = "the host's tracker Hanging has not answered within 0.1 s"
        eventually(
            lambda: named in str(integration.health()["remarks"]),
            "status says so",
        )
        integration.add_tracker(Tracker())
        integration.worker.wake()
        assert hanging.asked == 1
        hanging.released.set()
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 6, "it answers")
        eventually(lambda: not integration.worker.facts()["tracker_problem"], "solved")
    assert named in said(caplog)["tradervue.tracker_failed"]


@pytest.mark.usefixtures("impatient")
def test_a_sync_does_not_wait_for_a_tracker_that_hangs(
    settings: Settings, hanging: Hanging
) -> None:
    """It names the tracker, and asks it no second time meanwhile."""
    without = attrs.evolve(settings, catch_up_days=0)
    with TradervueIntegration(without, hanging) as integration:
        for ask in (integration.synchronize, integration.reconcile):
            for days in (7, 30):
                with pytest.raises(TrackerError, match="Hanging has not answered"):
                    ask(days)
        assert hanging.asked == 1
        hanging.released.set()
        assert integration.synchronize(7).synced == 1


@pytest.mark.usefixtures("impatient")
def test_a_sync_behind_a_loop_does_not_hold_the_worker_up(
    settings: Settings, hanging: Hanging
) -> None:
    """The worker goes on while it waits for the tracker, and gives the sync up."""
    without = attrs.evolve(settings, catch_up_days=0)
    with TradervueIntegration(without, hanging) as integration:
        integration.outbox.open()
        count = integration.begin_sync(7)
        assert count().pending == 1
        integration.record_entry(host_trade(3))
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 1, "it arrives")
        eventually(lambda: not count().pending, "the sync is given up")
        hanging.released.set()


def test_a_tracker_that_hangs_is_not_waited_for_at_the_end(
    settings: Settings, hanging: Hanging
) -> None:
    """Its thread ends with the process."""
    integration = TradervueIntegration(settings, hanging)
    integration.resume()
    eventually(lambda: hanging.asked, "it is asked")
    began = time.monotonic()
    integration.close(0)
    assert time.monotonic() - began < 10


def test_a_question_that_a_fork_left_behind_is_asked_again(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that would have had the answer is not in the child."""
    asker = Asker()
    [question] = asker.ask([hanging], 7, lambda: None)
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert not question.is_open
    with pytest.raises(TrackerError, match="has not answered"):
        question.trades()
    hanging.released.set()
    [again] = asker.ask([hanging], 7, lambda: None)
    assert again is not question
    eventually(lambda: not again.is_open, "it is answered")
    assert len(again.trades()) == 1


def test_a_tracker_that_has_answered_is_not_kept_alive() -> None:
    """A host may make a new one every day."""
    asker, tracker = Asker(), Tracker(host_trade(1))
    assert len(asker.answers([tracker], 7, 20)[0]) == 1
    gone = weakref.ref(tracker)
    del tracker
    eventually(lambda: gc.collect() >= 0 and gone() is None, "it is gone")

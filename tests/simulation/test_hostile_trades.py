"""
Whatever a host's trade is: no exception into the host, no event lost, no worker stuck.

``BAD_INPUT`` is how many times as much is tried as by default.
"""

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, given, note, seed, settings

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.annotator import change_for
from argo_tradervue_plugin.delivery.importer import request_for
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.model.journal import JournalTradeDetail
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import sentence
from argo_tradervue_plugin.model.records import TradeRecord, stored_id, unidentified
from argo_tradervue_plugin.outbox.records import Event, Row, State
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.tradervue.wire import encode
from tests.simulation.hostile import Batch, batches

TIMES: Final = int(os.environ.get("BAD_INPUT", "1"))
VALUES: Final = 16  # in a batch
TOGETHER: Final = 200
EXAMPLES: Final = 80 * TIMES
EXPECTED: Final = 50_000 * TIMES  # trades, at least


@attrs.define
class Host:
    """A host with the plugin, whose worker is the test itself."""

    plugin: TradervuePlugin
    integration: TradervueIntegration
    lane: Lane
    told: int = 0

    def tell(self, trades: Iterable[object]) -> int:
        """Call the hooks for *trades*, in turns; return how often."""
        before = self.told
        hooks: list[Any] = [
            self.plugin.on_trade_recorded,
            self.plugin.on_position_closed,
        ]
        for trade in trades:
            assert hooks[self.told % 2](trade) is None
            self.told += 1
        return self.told - before

    def plan_events(self) -> list[Event]:
        """Do what the worker does with what the hooks wrote; return what that was."""
        self.lane.outbox.gather()
        found: list[Event] = []
        while events := self.lane.outbox.inbox(1000):
            plan_events(self.lane, events)
            found += events
        return found


@pytest.fixture
def host(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Host]:
    """A host with an enabled integration on an outbox of its own."""
    caplog.set_level(
        logging.CRITICAL
    )  # each bad trade is told, which is enough to read
    told = Settings.from_mapping(
        {
            "enabled": True,
            "username": "argo",
            "password": "sandbox",
            "aws_secrets": False,
            "base_url": "http://127.0.0.1:9/api/v1",
            "database": str(tmp_path / "outbox.db"),
        }
    )
    integration = TradervueIntegration(told)
    integration.worker.wake = lambda: None  # type: ignore[method-assign]
    integration.outbox.takes = lambda: True  # as if the login had been accepted
    plugin = TradervuePlugin()
    plugin.integration = plugin._recorder = integration
    lease = integration.outbox.claim("test", now=0, ttl=1e12, is_gone=lambda _: False)
    assert lease is not None
    lane = Lane(
        outbox=integration.outbox,
        settings=told,
        lease=lease,
        connect=lambda: pytest.fail("nothing is to be sent"),
        stopping=threading.Event(),
    )
    yield Host(plugin, integration, lane)
    integration.outbox.close()


def assert_in_order(host: Host, events: list[Event]) -> None:
    """
    See that each event is an execution by now that can be sent, or has its reason.

    Which trade of the outbox an event is about, its records tell.
    """
    outbox = host.lane.outbox
    ids = {named(event) for event in events}
    records = [r for some in outbox.records_of(ids).values() for r, _ in some]
    rows = outbox.all_of_trades(record.trade_id for record in records)
    assert {record.host_id for record in records} == ids
    for record in records:
        assert rows[record.trade_id]
        for row in rows[record.trade_id]:
            if row.state is State.RECORDED:
                assert encode(request_for(host.lane, [row]))
                assert_notes(host, record, row)
            else:
                assert row.state is State.SKIPPED or row.state is State.QUARANTINED
                assert row.reason
                assert str(sentence(row.reason)).isprintable()


def named(event: Event) -> str:
    """Return under which id of the host an event is recorded."""
    trade_id = read(event.payload).id
    return unidentified(event.payload) if trade_id is None else stored_id(trade_id)


def assert_notes(host: Host, record: TradeRecord, row: Row) -> None:
    """See that the notes of a trade can be written."""
    known = host.lane.outbox.trade(record.trade_id)
    assert known is not None
    assert row.execution is not None
    standing = JournalTradeDetail(id=1, symbol=row.execution.symbol)
    change = change_for(known, [row], standing, host.lane)
    assert change is not None
    assert encode(change)


@pytest.mark.timeout(900 * TIMES)
def test_no_trade_gets_through_to_the_host_or_is_lost(host: Host) -> None:
    """Every event is in the outbox, and everything is understood or explained."""
    numbers = count(1)

    @seed(20260305)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(batch=batches(VALUES))
    def try_batch(batch: Batch) -> None:
        note(repr(batch))
        first = 10_000 * next(numbers)
        told = host.tell(batch.trades(first, TOGETHER))
        with (
            host.lane.outbox.engine.visit()
        ):  # one connection for all, as a worker has it
            events = host.plan_events()
            assert len(events) == told
            assert_in_order(host, events)

    try_batch()
    assert host.told >= EXPECTED
    assert host.integration.held.lost == len(host.integration.held) == 0

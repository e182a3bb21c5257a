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

from argo_tradervue_plugin.delivery.annotator import change_for
from argo_tradervue_plugin.delivery.importer import request_for
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import make_sense, understand
from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.integration import TradervueIntegration
from argo_tradervue_plugin.journal.trades import second_id
from argo_tradervue_plugin.outbox.interface import Event, Row, State
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.models import JournalTradeDetail
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

    def make_sense(self) -> list[Event]:
        """Do what the worker does with what the hooks wrote; return what that was."""
        self.lane.outbox.gather()
        found: list[Event] = []
        while events := self.lane.outbox.inbox(1000):
            make_sense(self.lane, events)
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
    plugin = TradervuePlugin()
    plugin.integration = integration
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

    Of several trades with one id, all but the first have another in the outbox.
    """
    for event in events:
        ids = [event.trade_id]
        if not event.trade_id.startswith("trade_"):  # somebody else may have it too
            ids.insert(0, second_id(event.trade_id, event.identity))
        found = [row for i in ids for row in host.lane.outbox.of_trade(i)]
        [row, *_] = [row for row in found if row.kind is event.kind]
        if row.state is State.RECORDED:
            assert encode(request_for(host.lane, [row]))
            assert_notes(host, event, row)
        else:
            assert row.state is State.SKIPPED or row.state is State.QUARANTINED
            assert row.reason
            assert row.reason.isprintable()


def assert_notes(host: Host, event: Event, row: Row) -> None:
    """See that the notes of a trade can be written."""
    try:
        trade = understand(event.payload, row.trade_id, host.lane.settings)
        standing = JournalTradeDetail(id=1, symbol=trade.symbol)
        change = change_for(trade, standing, host.lane)
    except TradeError:
        return
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
        events = host.make_sense()
        assert len(events) == told
        assert_in_order(host, events)

    try_batch()
    assert host.told >= EXPECTED
    assert host.integration.held.lost == len(host.integration.held) == 0

"""What a process sends that stood still until the lease was another's."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences, expected_fills


@pytest.fixture
def forwarder(sandbox: Sandbox, tmp_path: Path) -> Iterator[Forwarder]:
    """One process of two on an outbox."""
    forwarder = Forwarder(sandbox, tmp_path / "outbox.db")
    yield forwarder
    forwarder.close()


@pytest.fixture
def other(sandbox: Sandbox, forwarder: Forwarder) -> Iterator[Forwarder]:
    """The other process, on the same clock."""
    other = Forwarder(sandbox, forwarder.path, clock=forwarder.clock)
    yield other
    other.close()


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


def equal_trades() -> list[SimpleNamespace]:
    """Two trades that nobody could tell apart."""
    return [host_trade(n, symbol="TWIN") for n in (1, 2)]


@pytest.mark.parametrize("kind", ["entry", "exit"])
def test_import_that_comes_late_is_not_taken_for_the_equal_one(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, kind: str
) -> None:
    """
    Whose execution it is, its account tag tells, although it is not linked yet.

    The equal one would never be sent otherwise, and both be believed to stand there.
    """
    trades = equal_trades()
    forwarder.enter(*trades)
    if kind == "exit":
        assert forwarder.run()
        forwarder.leave(*trades)
    sandbox.inject("reset_before", method="POST", path="/imports")

    def unknown() -> list[SimpleNamespace]:
        return [t for t in trades if "unknown" in str(forwarder.reasons(t).get(kind))]

    forwarder.step_until(unknown)
    (late,) = unknown()
    (row,) = (
        row for row in forwarder.outbox.of_trade(late.id) if str(row.kind) == kind
    )
    symbol, at, quantity, price = expected_fills(vars(late))[kind == "exit"]
    told = journal.post_import(
        {
            "symbol": symbol,
            "datetime": at.isoformat(),
            "quantity": f"{quantity:f}",
            "price": f"{price:f}",
            "commission": "2.00" if kind == "exit" else None,
        },
        account_tag=row.account_tag,
        allow_duplicates=True,
    )
    assert told["status"] == "succeeded"
    if kind == "entry":
        forwarder.leave(*trades)
    assert forwarder.run()

    assert differences(journal, map(vars, trades)) == []


def test_notes_that_come_late_are_written_anew(
    forwarder: Forwarder,
    other: Forwarder,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They know nothing of the exit, which the other process has told by then."""
    trade = host_trade()
    forwarder.enter(trade)
    sends = httpx.HTTPTransport.handle_request

    def stand_still(
        transport: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        if request.method == "PUT":
            monkeypatch.undo()
            forwarder.clock.now = forwarder.outbox.lease_free_at()
            other.leave(trade)
            assert other.run()
            assert other.is_in(State.SYNCED, 2)
            assert differences(journal, [vars(trade)]) == []
        return sends(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", stand_still)
    forwarder.step()
    forwarder.step_until(lambda: not forwarder.worker.holds_lease)
    assert differences(journal, [vars(trade)]) != []
    assert other.run()

    assert differences(journal, [vars(trade)]) == []

"""
A process can die anywhere: before and after each request, and each transaction.

Each place is tried one after the other, deterministically; what is left behind is
taken over by a successor, and in the end everything stands there once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.delivery import importer
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences

MOST_PLACES: Final = 200


class Died(BaseException):
    """The process is gone; nothing of its own runs any more."""


class Fate:
    """Counts the places that are passed, and lets the process die at one of them."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.passed = 0

    def pass_by(self) -> None:
        """Pass one place."""
        self.passed += 1
        if self.passed == self.place:
            raise Died


class MortalOutbox(Outbox):
    """Its process may die before and after each transaction."""

    def __init__(self, path: Path, fate: Fate) -> None:
        self.fate = fate
        super().__init__(Sqlite(path))

    @contextmanager
    def write(self, lease: Lease) -> Iterator[Writer]:
        """Begin a transaction, if the process lives that long."""
        self.fate.pass_by()
        with super().write(lease) as writer:
            yield writer
        self.fate.pass_by()


class MortalTransport(httpx.HTTPTransport):
    """Its process may die before a request is sent, and before its answer is read."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        super().__init__(verify=False)  # nothing here speaks TLS

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, if the process lives that long."""
        self.fate.pass_by()
        response = super().handle_request(request)
        content = response.read()
        self.fate.pass_by()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content
        )


class MortalForwarder(Forwarder):
    """A forwarder whose process may die wherever *fate* has it."""

    def __init__(self, sandbox: Sandbox, path: Path, fate: Fate) -> None:
        self.fate = fate
        super().__init__(sandbox, path, outbox=MortalOutbox(path, fate))

    def connect(
        self, credentials: Credentials, before: Callable[[], None] | None
    ) -> TradervueClient:
        """Return a client whose process may die."""
        client = TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            transport=MortalTransport(self.fate),
            request_interval=0,
            before_attempt=before,
            sleep=lambda _: None,
        )
        self.clients.append(client)
        return client


def plain() -> list[SimpleNamespace]:
    """Two closed trades that overlap in one symbol."""
    return [host_trade(n, symbol="AAPL", filled_qty=10 + n) for n in (1, 2)]


def twins() -> list[SimpleNamespace]:
    """Two trades that nobody could tell apart."""
    return [host_trade(n, symbol="TWIN") for n in (1, 2)]


def refused() -> list[SimpleNamespace]:
    """One that Tradervue refuses, shown as basic, and one that it takes."""
    return [host_trade(1, filled_qty=0.5), host_trade(2)]


def live(
    sandbox: Sandbox, path: Path, trades: list[SimpleNamespace], fate: Fate
) -> bool:
    """Live until all is done or *fate* strikes; tell whether it struck."""
    forwarder = MortalForwarder(sandbox, path, fate)
    died = False
    try:
        forwarder.enter(*trades)
        forwarder.leave(*trades)
        assert forwarder.run(seconds=3000)
    except Died:
        died = True
    # Dying takes connections and locks with it, and leaves everything else.
    forwarder.close()
    return died


def assert_right(
    sandbox: Sandbox, journal: JournalReader, trades: list[SimpleNamespace]
) -> None:
    """See that the journal holds each trade once, in full or as basic."""
    if trades[0].filled_qty == 0.5:
        shown = [(t["symbol"], int(t["exec_count"])) for t in journal.trades()]
        assert sorted(shown) == [("CORP1", 0), ("CORP2", 2), ("CORP3", 2)]
        return
    assert differences(journal, map(vars, trades)) == []


# A run passes some sixty places, and each takes a tenth of a second: these die in a
# part of them, most often where duplicates are allowed.
DEATHS = [
    pytest.param(twins, 1, 3, id="twins"),
    pytest.param(plain, 1, 5, id="plain"),
    pytest.param(refused, 1, 5, id="refused"),
    pytest.param(twins, 2, 9, id="twins, two deaths"),
    pytest.param(plain, 2, 13, id="plain, two deaths"),
    pytest.param(refused, 2, 13, id="refused, two deaths"),
]


@pytest.mark.parametrize(("session", "deaths", "stride"), DEATHS)
def test_process_may_die_anywhere(
    sandbox: Sandbox,
    journal: JournalReader,
    tmp_path: Path,
    session: Callable[[], list[SimpleNamespace]],
    deaths: int,
    stride: int,
) -> None:
    """
    Wherever it dies, a successor finishes: nothing lost, nothing doubled.

    It has one more trade to send, which tells what became of twins before it.
    """
    trades = session()
    more = [*trades, host_trade(3)]
    for place in range(1, MOST_PLACES, stride):
        sandbox.reset()
        sandbox.assume(fractional_quantities="refused")
        path = tmp_path / f"{place}.db"
        died = live(sandbox, path, trades, Fate(place))
        if died and deaths == 2:
            live(sandbox, path, trades, Fate(place // 2 + 1))
        assert not live(sandbox, path, more, Fate(0))

        assert_right(sandbox, journal, more)
        if not died:
            assert place > 20
            return
    raise AssertionError("it never got through alive")


def test_what_a_crash_left_alone_of_a_failed_import_is_not_to_blame(
    forwarder: Forwarder,
    sandbox: Sandbox,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one at fault was dealt with before; the other one is sent again."""
    sandbox.assume(fractional_quantities="refused")
    fine, refused = host_trade(1), host_trade(2, filled_qty=0.5)
    forwarder.enter(fine, refused)

    def die(*_: object, **__: object) -> None:
        raise Died

    monkeypatch.setattr(importer, "send_again", die)
    with pytest.raises(Died):
        forwarder.run()
    monkeypatch.undo()
    assert forwarder.states(refused) == {"entry": "basic"}
    forwarder.succeed()
    assert forwarder.run()

    assert forwarder.states(fine) == {"entry": "synced"}
    assert [t["symbol"] for t in journal.trades() if t["exec_count"]] == ["CORP1"]

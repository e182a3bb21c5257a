"""
Whatever a host's trade holds costs that trade alone, by name: the others go on.

What one engine cannot store or index another can; so it is tried on each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.outbox.conftest import ENGINES
from tests.outbox.server import Server

LONG: Final = "".join(f"{n:04x}" for n in range(3000))  # does not compress to little
POISON: Final[tuple[Any, ...]] = (
    *("", "\0", "a\0b", "\ud800", "a\udfffb", "\x1e\x1f\n", LONG, "9" * 5000),
    *("名" * 90, "%s %(x)s ? :x", "'; --", "\u2028", "1e400", "1E+999999999", "-0"),
    *(2**31, 2**63, -(2**63) - 1, 2**64, 10**400, 0, -1, True),
    *(1e308, -1e308, 5e-324, 1e-7, float("inf"), float("nan")),
    *(Decimal("1E-400"), Decimal("1E+400"), Decimal("sNaN"), None, b"\0", [], {}),
    *("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", 253402300800, -1e18),
    *(
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        [["\0"] * 3],
        {"\ud800": 1},
    ),
)
FIELDS: Final = tuple(vars(host_trade(1)))
trades = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from(POISON), min_size=1, max_size=4
)


@contextmanager
def forwarding(engine: str, folder: Path, request: Any) -> Iterator[Forwarder]:
    """A forwarder on an engine, behind a spool as hooks have it."""
    with ENGINES[engine](folder, request) as database:
        outbox = open_outbox(database, spool=Spool(folder / "spool"))
        made = Forwarder(request.getfixturevalue("sandbox"), folder, outbox=outbox)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def forwarder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Forwarder]:
    """A forwarder on each engine."""
    with forwarding(request.param, tmp_path, request) as made:
        yield made


number = iter(range(1, 10**6))


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(poisons=st.lists(trades, min_size=1, max_size=4))
def test_others_go_on(forwarder: Forwarder, poisons: list[dict[str, Any]]) -> None:
    """Nothing is swallowed either: each is sent, parked or left out by a rule."""
    first, last = host_trade(next(number)), host_trade(next(number))
    strange = [host_trade(next(number), **poison) for poison in poisons]
    around = [first, *strange, last]
    forwarder.enter(*around)
    forwarder.leave(*around)
    assert forwarder.run(seconds=4000)
    for one in (first, last):
        assert forwarder.states(one) == {"entry": "synced", "exit": "synced"}
    assert forwarder.outbox.inbox(1) == []


# What the hooks' own care for ids and texts has no part in: an engine that refuses.


def wrong(number: int) -> Recorded:
    """Return an event that no hook makes; each engine refuses another part of it."""
    payload = capture(host_trade(number))
    whole = Recorded(f"w{number}", EventKind.EXIT, "i", payload, 1_772_720_000.0)
    return (
        whole._replace(trade_id="a\0b"),
        whole._replace(trade_id="a\ud800b"),
        whole._replace(identity="\0" * 9000),
        whole._replace(payload="\udfff\0"),
        whole._replace(at=float("nan")),
    )[number % 5]


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_event_that_an_engine_refuses_costs_only_itself(
    forwarder: Forwarder, which: list[bool]
) -> None:
    """Wherever it is among others, and however many there are."""
    outbox = forwarder.outbox
    assert isinstance(outbox, Outbox)
    numbers = [next(number) for _ in which]
    good = {f"g{n}" for n, is_good in zip(numbers, which, strict=True) if is_good}
    outbox.take_over(
        Recorded(f"g{n}", EventKind.ENTRY, "i", capture(entered(host_trade(n))), 1.0)
        if is_good
        else wrong(n)
        for n, is_good in zip(numbers, which, strict=True)
    )
    events = outbox.inbox(1000)
    assert len(events) == len(which)
    assert good <= {event.trade_id for event in events}
    with outbox.maintain() as writer:
        writer.take_out(events)


@pytest.fixture
def narrow(
    postgres_server: Server, sandbox: Sandbox, tmp_path: Path
) -> Iterator[Forwarder]:
    """A forwarder on a database that can only hold Latin letters."""
    make = "CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0"
    with postgres_server.admin() as admin:
        admin.execute(make.encode())
    url = postgres_server.url("narrow")
    with psycopg.connect(url) as there:  # as where an outbox was made before
        there.execute("CREATE SCHEMA argo_tradervue")
    outbox = open_outbox(url, spool=Spool(tmp_path / "spool"))
    made = Forwarder(sandbox, tmp_path, outbox=outbox)
    yield made
    made.close()
    with postgres_server.admin() as admin:
        admin.execute("DROP DATABASE narrow WITH (FORCE)")


@pytest.mark.parametrize("field", ["id", "symbol", "regime", "exit_reason"])
def test_trade_that_the_database_cannot_hold_is_parked_by_its_name(
    narrow: Forwarder,
    field: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its id is spelled out; the others are in the journal, and it is not lost."""
    text = "名前" if field != "symbol" else "NESTÉ" + "Ł"
    strange = host_trade(3, **{field: text})
    around = [host_trade(1), strange, host_trade(2)]
    narrow.enter(*around)
    narrow.leave(*around)
    assert narrow.run(seconds=4000)

    for one in (around[0], around[2]):
        assert narrow.states(one) == {"entry": "synced", "exit": "synced"}
    cases = narrow.outbox.parked(10)
    assert len(cases) in {0, 1, 2}  # what an execution does not need may be left out
    for row in cases:
        why = str(row.reason)
        assert why.startswith(("unstorable: id=", "senseless: symbol="))
        assert ascii(strange.id).strip("'") in why or field == "symbol"
    if field == "id":
        assert len(cases) == 2
        assert "has no equivalent in encoding" in str(cases[0].reason)
        assert "tradervue.quarantined" in caplog.text


def test_new_database_that_cannot_hold_every_text_is_refused(
    postgres_server: Server,
) -> None:
    """With what to do about it; nothing is made there."""
    make = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"
    with postgres_server.admin() as admin:
        admin.execute(make.encode())
        try:
            with pytest.raises(OutboxError, match=r"encoding is LATIN1.*UTF8"):
                open_outbox(postgres_server.url("latin"))
        finally:
            admin.execute("DROP DATABASE latin WITH (FORCE)")

"""What our block says, whole or cut, and what of a journal trade does not fit it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.matching import claims
from argo_tradervue_plugin.matching.claims import Claim, Said, said_in
from argo_tradervue_plugin.model.executions import Execution, Kind

ENTRY = Execution(
    trade_id="t1",
    kind=Kind.ENTRY,
    symbol="AAPL",
    quantity=Decimal(10),
    price=Decimal("100.25"),
    executed_at=datetime(2026, 3, 5, 14, 30, 1, tzinfo=UTC),
)
EXIT = attrs.evolve(
    ENTRY, kind=Kind.EXIT, quantity=Decimal(-10), price=Decimal("103.5")
)
NOTES = (
    "Mine.\r\n\r\n[argo t1]\r\nPosition: AAPL long 10, closed 4 of 10, stock\r\n"
    "Signal: Position: X short 1\r\nEntry: 100.25, regime BULL\r\nExit: 103.5\r\n"
    "[/argo]\r\nEntry: 7\r\n[argo t2]\r\nEntry: 8\r\n[/argo]"
)
WHOLE = Said(
    symbol="AAPL",
    side="long",
    size=Decimal(10),
    asset_class="stock",
    entry=Decimal("100.25"),
    exit=Decimal("103.5"),
)


def test_a_block_says_its_position_and_its_prices() -> None:
    """Its own lines, and no other block's nor a person's."""
    assert said_in(NOTES, "t1") == WHOLE
    assert said_in(NOTES, "t2") == Said(entry=Decimal(8))
    assert said_in(NOTES, "t3") == Said()


@pytest.mark.parametrize("length", range(len(NOTES)))
def test_what_was_cut_says_nothing_wrong(length: int) -> None:
    """A line that is not whole is no line: it could be the half of another."""
    said = said_in(NOTES[:length] + "...", "t1")

    for name, value in attrs.asdict(said).items():
        assert value in (None, getattr(WHOLE, name))


def test_a_block_whose_end_somebody_deleted_is_read_to_the_next() -> None:
    """Ours begins with its marker, and so does the next one."""
    text = NOTES.replace("[/argo]\r\nEntry: 7\r\n", "", 1)

    assert said_in(text, "t1") == WHOLE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"size": None}, None),
        ({"symbol": "BTC-USD"}, "its notes are of BTC-USD"),
        ({"symbol": "aapl"}, None),
        ({"symbol": "APPLE"}, None),
        ({"symbol": None}, "its notes do not say of which position they are"),
        ({"side": "short"}, "its notes are of another position, short 10"),
        ({"size": Decimal(11)}, "its notes are of another position, long 11"),
        ({"entry": Decimal("100.26")}, "its notes are of another entry, at 100.26"),
        ({"exit": Decimal(104)}, "its notes are of another exit, at 104"),
        ({"entry": Decimal("100.2500000001")}, None),
    ],
)
def test_what_does_not_fit_is_said(changes: dict[str, Any], why: str | None) -> None:
    """In words, for a person."""
    said = attrs.evolve(WHOLE, **changes)

    assert said.misfit([ENTRY, EXIT], {"APPLE": "AAPL"}) == why


def test_a_price_fits_that_lies_between_those_of_its_leg() -> None:
    """A host has one price for what came in parts."""
    more = attrs.evolve(ENTRY, part=2, quantity=Decimal(5), price=Decimal(101))
    said = attrs.evolve(WHOLE, size=Decimal(15), entry=Decimal("100.5"), exit=None)

    assert said.misfit([ENTRY, more], {}) is None
    assert attrs.evolve(said, entry=Decimal(102)).misfit([ENTRY, more], {}) is not None


def test_an_exit_that_is_not_there_yet_contradicts_nothing() -> None:
    """Nor notes that were written before it."""
    assert WHOLE.misfit([ENTRY], {}) is None
    assert attrs.evolve(WHOLE, exit=None).misfit([ENTRY, EXIT], {}) is None


def test_claims_come_back_as_they_were_kept() -> None:
    """As one text; the newest of very many."""
    kept = {"t1": (Claim.of(7, ENTRY), Claim.of(8, EXIT)), "t2": ()}

    assert claims.claims_in(claims.as_text(kept)) == kept
    assert claims.as_text({}) is None
    assert claims.claims_in(None) == {}
    many = claims.as_text({str(n): () for n in range(claims.MOST_KEPT + 5)})
    assert next(iter(claims.claims_in(many))) == "5"


def test_equal_is_what_is_the_same_to_the_second_and_the_cent() -> None:
    """Equal numbers count, however they are written."""
    same = attrs.evolve(ENTRY, quantity=Decimal("10.0"), symbol="aapl")
    other = attrs.evolve(ENTRY, price=Decimal("100.26"))

    assert claims.equal_claims([Claim.of(7, ENTRY)], [other, same]) == {7}
    assert claims.equal_claims([Claim.of(7, ENTRY)], [other]) == set()


@pytest.mark.parametrize(
    ("trade_id", "is_other"),
    [
        ("trade_20260305_143001_000001", False),
        ("trade_20260305_143100_000001", False),
        ("trade_20260305_093001_000001", False),  # of a clock in New York
        ("trade_20260305_143301_000001", True),
        ("trade_20260305_142801_000001", True),
        ("trade_20260304_143001_000001", True),
        ("trade_20269999_999999_000001", True),
        ("another id", False),
    ],
)
def test_an_id_of_argos_says_its_time(trade_id: str, is_other: bool) -> None:
    """Others say nothing."""
    assert claims.is_of_another_time(trade_id, ENTRY.executed_at) is is_other

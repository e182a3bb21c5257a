"""Parts of trades that a person moved into other journal trades."""

from decimal import Decimal

import pytest

from argo_tradervue_plugin.matching.report import total_of
from argo_tradervue_plugin.sandbox import Person
from tests.delivery.stepping import host_trade, id_of
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import DAYS, Desk, typed_in
from tests.reconciling.test_parts import close, filled, grow, in_parts


def fills_of(journal: JournalReader, journal_id: int) -> list[int]:
    """Return the ids of the executions of a journal trade, oldest first."""
    return [int(fill["id"]) for fill in journal.executions(journal_id)]


def only_id(journal: JournalReader) -> int:
    """Return the id of the one journal trade."""
    return int(journal.only()["id"])


def test_part_of_an_exit_that_was_split_off_is_named(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The other part is where it was; both are compared to the cent."""
    in_parts(desk)
    journal_id = only_id(journal)
    apart = person.split(journal_id, fills_of(journal, journal_id)[-1:])
    report = desk.compare()

    [told] = report.different
    assert told.field == "exit 2"
    assert told.host == "sell 6 at 103, 2026-03-05T11:00:00-05:00"
    assert told.journal == f"in journal trade {apart}"
    assert report.unknown_tagged == ()
    assert total_of(line.money for line in report.lines()) == report.money


def test_part_of_an_entry_that_was_split_off_is_named(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """A position that has grown, taken apart again."""
    grow(desk)
    journal_id = only_id(journal)
    apart = person.split(journal_id, fills_of(journal, journal_id)[-1:])
    report = desk.compare()

    [told] = report.different
    assert (told.field, told.journal_id) == ("entry 2", journal_id)
    assert told.journal == f"in journal trade {apart}"
    assert report.unknown_tagged == ()


def test_exit_that_was_merged_into_another_trade_is_named(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The other trade holds one execution too many, and says so."""
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(
            2,
            symbol="AAPL",
            entry_timestamp="2026-03-05T18:00:00",
            exit_timestamp="2026-03-05T19:00:00",
        ),
    ]
    desk.live(*trades)
    first, second = (desk.id_of(trade) for trade in trades)
    apart = person.split(first, fills_of(journal, first)[-1:])
    together = person.merge(second, apart)
    report = desk.compare()

    told = {(d.trade_id, d.field): d.journal for d in report.different}
    assert told[trades[0].id, "exit"] == f"in journal trade {together}"
    assert told[trades[1].id, "executions"] == "3"
    assert report.unknown_tagged == ()
    assert total_of(line.money for line in report.lines()) == report.money


def test_equal_exit_of_a_person_is_not_taken_for_ours(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Ours is where it was: nothing was split off."""
    desk.live(host_trade(1))
    symbol, rows = typed_in(host_trade(1))
    theirs = person.create_trade(symbol, rows[1:])

    report = desk.compare()
    assert report.is_clean
    assert report.unknown_untagged == (theirs,)


def test_split_trade_that_was_accepted_comes_back_when_it_changes(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """A grouping that a person made; the journal is right as it is, until it is not."""
    grow(desk)
    close(desk, filled())
    journal_id = only_id(journal)
    fills = fills_of(journal, journal_id)
    apart = person.split(journal_id, fills[-1:])
    assert desk.reconciler.accept([id_of(1)], DAYS) == ()
    assert desk.compare().is_clean
    assert desk.compare().accepted[0].money.gross_pl < 0

    person.edit_execution(apart, fills[-1], price="50")
    assert not desk.compare().is_clean


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
def test_what_was_merged_again_is_clean(
    desk: Desk, journal: JournalReader, person: Person, is_open: bool
) -> None:
    """As the advice says; also where a repair has linked the parts meanwhile."""
    grow(desk)
    if not is_open:
        close(desk, filled())
    journal_id = only_id(journal)
    apart = person.split(journal_id, fills_of(journal, journal_id)[-1:])
    assert not desk.compare().is_clean
    desk.repair()
    kept = person.merge(journal_id, apart)
    desk.repair()
    report = desk.compare()

    assert report.is_clean
    assert report.matched == ((id_of(1), kept),)
    assert abs(report.difference) < Decimal("0.01")

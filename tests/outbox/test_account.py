"""What is known of the account, of the journal and of imports, on each engine."""

from datetime import timedelta

import pytest

from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, EXIT, NOW, START, Desk, execution

DAY = 86_400.0


def said(desk: Desk, code: str, at: float, *, pause: float = DAY) -> bool:
    """Tell whether something was to be said then."""
    with desk.write() as writer:
        return writer.notice(code, now=NOW + at, pause=pause)


def test_notice_is_given_once_in_its_pause(desk: Desk) -> None:
    """Then again; each code by itself."""
    assert said(desk, "continued", 0)
    assert not said(desk, "continued", 1)
    assert not said(desk, "continued", DAY - 1)
    assert said(desk, "strangers", 1)
    assert said(desk, "continued", DAY)
    assert not said(desk, "continued", DAY + 1)


def test_notice_holds_for_every_process(desk: Desk, open_outbox: Open) -> None:
    """Restarts included: the outbox keeps it."""
    assert said(desk, "continued", 0)
    desk.outbox.release(desk.lease)
    other = Desk(open_outbox(), holder="there")

    assert not said(other, "continued", 1)
    assert other.outbox.noticed_at("continued") == NOW


def test_clock_that_was_set_back_silences_nothing(desk: Desk) -> None:
    """A notice of the future says nothing of the present."""
    assert said(desk, "continued", 10 * DAY)
    assert said(desk, "continued", 0)


def test_nothing_was_noticed_at_first(outbox: Outbox) -> None:
    """There is no time of it."""
    assert outbox.noticed_at("continued") is None


def test_what_may_be_in_the_journal_is_known_by_its_time(desk: Desk) -> None:
    """It was in an import or read back, whatever became of it since."""
    moments = {name: START + timedelta(minutes=n) for n, name in enumerate("abcde")}
    desk.enlist(*(execution(name, at=n) for n, name in enumerate("abcde")))
    desk.send(("a", ENTRY), ("b", ENTRY), ("c", ENTRY))
    desk.move(State.QUARANTINED, ("b", ENTRY))
    desk.move(State.DISCARDED, ("c", ENTRY))

    def found(symbol: str, names: str) -> list[str]:
        rows = desk.outbox.sent_at(symbol, [moments[name] for name in names])
        return sorted(row.trade_id for row in rows)

    assert found("AAPL", "abcde") == ["a", "b", "c"]
    assert found("AAPL", "ade") == ["a"]
    assert found("MSFT", "abcde") == []


def test_execution_that_was_found_there_may_be_in_the_journal(desk: Desk) -> None:
    """It was adopted, and never in an import."""
    with desk.write() as writer:
        writer.open_trade(execution("t"), slot=1, account_tag="argo")
        writer.adopt(execution("t"), 7, account_tag="argo", now=NOW)

    [row] = desk.outbox.sent_at("AAPL", [START])
    assert (row.trade_id, row.import_id, row.journal_id) == ("t", None, 7)


def test_execution_that_waits_goes_under_another_account_tag(desk: Desk) -> None:
    """Its trade keeps its own, and what was sent stays as it is."""
    desk.enlist(execution("t"), execution("t", EXIT, at=1))
    desk.send(("t", ENTRY))
    rows = [desk.row("t", ENTRY), desk.row("t", EXIT)]
    with desk.write() as writer:
        writer.redirect(rows, "argo-7")

    assert desk.row("t", ENTRY).account_tag == "argo"
    assert desk.row("t", EXIT).account_tag == "argo-7"
    assert desk.outbox.account_tag_of("t") == "argo"


@pytest.mark.parametrize("outcome", ["{}", '{"result": null}'])
def test_imports_are_read_by_their_ids(desk: Desk, outcome: str) -> None:
    """With what Tradervue said; what is not there is left out."""
    desk.enlist(execution("a"), execution("b", at=1))
    first, second = desk.send(("a", ENTRY)), desk.send(("b", ENTRY))
    with desk.write() as writer:
        writer.finish_import(first.id, outcome, now=NOW)

    found = desk.outbox.imports_of([first.id, second.id, 99])
    assert sorted(found) == [first.id, second.id]
    assert found[first.id].outcome == outcome
    assert found[second.id].outcome is None

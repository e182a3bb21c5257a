"""What a person has accepted, on every engine."""

from argo_tradervue_plugin.model.records import Difference
from argo_tradervue_plugin.outbox.records import Acceptance
from argo_tradervue_plugin.outbox.store import Outbox

CODES = {"joined", "price_changed"}
PRICE = Difference(code="price_changed", host="2", sent="1")


def of(trade_id: str, journal: str = "j") -> Acceptance:
    """Return an acceptance of a trade."""
    return Acceptance(trade_id=trade_id, host="h", journal=journal)


def differ(outbox: Outbox, trade_id: str, *differs: Difference) -> list[str]:
    """Set the outcomes of a trade; return the codes of new ones."""
    with outbox.maintain() as writer:
        return writer.set_outcomes(trade_id, differs, among=CODES, now=1.0)


def test_outcomes_of_an_accepted_trade_do_not_count(outbox: Outbox) -> None:
    """They are still there, and say that they are accepted."""
    differ(outbox, "t1", PRICE)
    differ(outbox, "t2", PRICE)
    with outbox.maintain() as writer:
        writer.accept(of("t1"), now=2.0)

    assert outbox.outcome_counts() == {"price_changed": 1}
    assert [o.trade_id for o in outbox.outcomes(10)] == ["t2"]
    found = outbox.outcomes_of(["t1", "t2"])
    assert [found[i][0].accepted for i in ("t1", "t2")] == [True, False]


def test_another_outcome_withdraws_what_was_accepted(outbox: Outbox) -> None:
    """The same one, or one that goes away, does not."""
    joined = Difference(code="joined", host="1", sent="2")
    differ(outbox, "t1", PRICE, joined)
    with outbox.maintain() as writer:
        writer.accept(of("t1"), now=2.0)
    differ(outbox, "t1", PRICE, joined)
    differ(outbox, "t1", PRICE)
    assert outbox.acceptances() == [of("t1")]

    differ(outbox, "t1", Difference(code="price_changed", host="3", sent="1"))
    assert outbox.acceptances() == []
    assert outbox.outcome_counts() == {"price_changed": 1}


def test_what_is_accepted_again_takes_the_place_of_the_former(outbox: Outbox) -> None:
    """There is one for each trade, and each journal trade of no host trade."""
    stranger = Acceptance(journal_id=7, host="", journal="x")
    with outbox.maintain() as writer:
        writer.accept(of("t1"), now=2.0)
        writer.accept(of("t1", "other"), now=3.0)
        writer.accept(stranger, now=3.0)

    assert outbox.acceptances(["t1", "t2"]) == [of("t1", "other")]
    assert sorted(outbox.acceptances(), key=lambda a: a.journal) == [
        of("t1", "other"),
        stranger,
    ]
    with outbox.maintain() as writer:
        writer.withdraw(stranger)
        writer.withdraw(of("t1"))
    assert outbox.acceptances() == []

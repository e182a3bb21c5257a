"""What people made of a journal trade is told from ours, and moves to another one."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.belongings import (
    Belongings,
    combined,
    with_belongings,
)
from argo_tradervue_plugin.model.journal import JournalTradeDetail

BLOCK = "[argo t1]\nPosition: AAPL long 10\n[/argo]"
EMPTY = JournalTradeDetail(id=2, symbol="AAPL")
texts = st.text("ab \n[]/argo", max_size=30)


def of(trade: JournalTradeDetail, risk: str | None = None) -> Belongings:
    """Return what people made of *trade*, on which we wrote a *risk*."""
    written = None if risk is None else Decimal(risk)
    return Belongings.of(trade, is_ours=lambda tag: tag == "argo", risk=written)


def test_what_we_wrote_is_nobodys() -> None:
    """Our block, our tags and our risk do not move: they are written anew."""
    trade = attrs.evolve(
        EMPTY, notes=BLOCK, tags=("argo",), initial_risk=Decimal("20.001")
    )
    assert of(trade, "20") == Belongings()


def test_what_people_made_is_told_from_ours() -> None:
    """Around our block, among our tags, over our risk."""
    trade = attrs.evolve(
        EMPTY,
        notes=f"Before.\n{BLOCK}\nAfter.".replace("\n", "\r\n"),
        tags=("fomo", "argo"),
        initial_risk=Decimal(35),
        shared=True,
    )
    made = of(trade, "20")
    assert made.notes.split() == ["Before.", "After."]
    assert made.tags == ("fomo",)
    assert (made.has_risk, made.risk, made.shared) == (True, Decimal(35), True)


@pytest.mark.parametrize(
    ("standing", "written", "has_risk"),
    [
        (None, None, False),
        ("20", "20", False),
        ("20.00", "20.004", False),
        (None, "20", True),  # taken away
        ("20", None, True),
        ("0", "20", True),
    ],
)
def test_risk_is_a_persons_where_it_is_not_what_we_wrote(
    standing: str | None, written: str | None, has_risk: bool
) -> None:
    """To the cent; a person may also take it away."""
    risk = None if standing is None else Decimal(standing)
    assert of(attrs.evolve(EMPTY, initial_risk=risk), written).has_risk is has_risk


def test_several_journal_trades_become_one() -> None:
    """All notes and tags, none twice; the risk is the one that a person set."""
    one = Belongings(notes="A", tags=("x", "y"))
    two = Belongings(notes="B", tags=("y",), has_risk=True, risk=Decimal(5))
    assert combined([one, two, one]) == Belongings(
        notes="A\n\nB", tags=("x", "y"), has_risk=True, risk=Decimal(5)
    )
    assert combined([]) == Belongings()
    assert combined([one, attrs.evolve(two, shared=True)]).shared


def test_template_stands_there_once() -> None:
    """The new trade has the user's template, the old one what was made of it."""
    new = attrs.evolve(EMPTY, notes=f"Setup:\r\n\r\n{BLOCK}")
    made = with_belongings(new, Belongings(notes="Setup: breakout"))
    made_too = with_belongings(new, Belongings(notes="Setup:\nbreakout"))
    assert notes.people_wrote(made.notes) == "Setup: breakout"
    assert notes.people_wrote(made_too.notes) == "Setup:\nbreakout"


def test_risk_moves_only_where_a_person_has_set_it() -> None:
    """Otherwise that of the new trade stays."""
    new = attrs.evolve(EMPTY, initial_risk=Decimal(7))
    assert with_belongings(new, Belongings()).initial_risk == 7
    gone = Belongings(has_risk=True)
    assert with_belongings(new, gone).initial_risk is None


@given(theirs=texts, standing=texts)
def test_to_move_twice_is_like_once(theirs: str, standing: str) -> None:
    """A process may die between writing and noting it; nothing stands there twice."""
    made = Belongings(notes=notes.people_wrote(theirs), tags=("x",), shared=True)
    new = attrs.evolve(EMPTY, notes=standing, tags=("argo",))
    once = with_belongings(new, made)
    assert with_belongings(once, made) == once
    assert made.notes in once.notes.replace("\r\n", "\n")
    assert once.tags == ("argo", "x")

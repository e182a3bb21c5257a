"""Our block in the notes says what is known, and leaves people's words alone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching.notes import (
    LONGEST_TAG,
    Facts,
    merge,
    people_wrote,
    tags_of,
    trade_ids_in,
    with_block,
)
from argo_tradervue_plugin.matching.notes import write as written
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.snapshot import TradeSnapshot

EXCERPT = 100  # characters of the notes that a list of trades shows
ID = "trade_20260305_153001_120042"
TEXTS = [
    f.name
    for f in attrs.fields(TradeSnapshot)
    if f.type == str | None and f.name != "id"
]


def closed(**changes: Any) -> TradeSnapshot:
    """Return a trade of which everything is known, with *changes*."""
    facts: dict[str, Any] = {
        "id": ID,
        "symbol": "AAPL",
        "signal_type": Side.LONG,
        "asset_class": "stock",
        "signal_id": "SIG-1",
        "entry_price": Decimal("187.20"),
        "exit_price": Decimal("190.10"),
        "actual_entry_price": Decimal("187.25"),
        "actual_exit_price": Decimal("190.05"),
        "quantity": Decimal(50),
        "entry_timestamp": datetime(2026, 3, 5, 15, 30, 1, tzinfo=UTC),
        "exit_timestamp": datetime(2026, 3, 6, 20, 59, 59, tzinfo=UTC),
        "pnl_dollars": Decimal("137.50"),
        "pnl_percent": Decimal("1.5"),
        "outcome": "win",
        "confidence": Decimal(91),
        "verification_hash": "b9a19718bae03b09",
        "alpaca_order_id": "a-1",
        "exchange_order_id": "x-1",
        "regime": "BULL",
        "exit_regime": "CHOP",
        "exit_reason": "take_profit",
        "exit_method": "automatic",
        "signal_entry_price": Decimal("187.00"),
        "slippage_entry": Decimal("0.25"),
        "slippage_exit": Decimal("-0.05"),
        "commission": Decimal("2.5"),
        "stop_price": Decimal("185.20"),
        "target_price": Decimal("191.00"),
    }
    return TradeSnapshot(**(facts | changes))


PLANNED = Facts(entered=Decimal(50), closed=Decimal(50), stop=Decimal("185.20"))
LEAST = TradeSnapshot(id=ID, symbol="AAPL", signal_type=Side.LONG, quantity=Decimal(50))


def write(trade: TradeSnapshot, **changes: Any) -> str:
    """Return the block of *trade*, of which all was closed, with *changes* to that."""
    return written(trade, attrs.evolve(PLANNED, **changes))


# What a block says ------------------------------------------------------------------


def test_block_says_everything_that_is_known() -> None:
    """A fact a line, labels before the values, the markers around."""
    assert write(closed()).splitlines() == [
        f"[argo {ID}]",
        "Position: AAPL long 50, stock",
        "Signal: SIG-1, confidence 91",
        "Entry: 187.25, signalled 187.00, slippage 0.25, regime BULL",
        "Plan: stop 185.20, target 191.00",
        "Exit: 190.05, take_profit, automatic, slippage -0.05, regime CHOP",
        "Result: win, P&L 137.50, 1.5 %, commission 2.5",
        "Orders: Alpaca a-1, exchange x-1",
        "Hash: b9a19718bae03b09",
        "[/argo]",
    ]


def test_block_leaves_out_what_is_unknown() -> None:
    """No empty label, no ``None`` and no zero that nobody wrote."""
    assert write(LEAST, stop=None).splitlines() == [
        f"[argo {ID}]",
        "Position: AAPL long 50",
        "[/argo]",
    ]


def test_open_trade_has_no_exit() -> None:
    """What the host has filled in early is not shown as a result."""
    text = write(closed(exit_timestamp=None))

    assert "Exit:" not in text
    assert "Result:" not in text


def test_zero_is_a_figure() -> None:
    """A trade that made nothing says so, and so does one closed at nothing."""
    text = write(
        closed(
            pnl_dollars=Decimal(0), pnl_percent=Decimal(0), actual_exit_price=Decimal(0)
        )
    )

    assert "P&L 0, 0 %" in text
    assert "Exit: 0," in text


def test_large_and_small_numbers_are_written_out() -> None:
    """No reader has to know what ``1E+3`` is."""
    text = write(closed(), entered=Decimal("1E+3"), stop=Decimal("1E-7"))

    assert "long 1000" in text
    assert "stop 0.0000001" in text


def test_position_is_what_was_entered_whatever_was_ordered() -> None:
    """And says how much of it is closed, where that is a part."""
    text = write(closed(quantity=Decimal(99)), entered=Decimal(10), closed=Decimal(4))
    assert "Position: AAPL long 10, closed 4 of 10, stock" in text

    for whole in (Decimal(0), Decimal(10)):
        assert "closed" not in write(closed(), entered=Decimal(10), closed=whole)
    assert "Position: AAPL long, stock" in write(closed(), entered=None)


def test_stop_that_moved_is_shown_as_what_it_is() -> None:
    """The plan is the one at the entry; a stop of 0 is none, and nothing is said."""
    moved = write(closed(stop_price=Decimal("189.00"))).splitlines()
    assert "Plan: stop 185.20, target 191.00" in moved
    assert "Stop at exit 189.00" in moved

    for stop in (Decimal(0), None, Decimal("185.20")):
        assert "Stop at exit" not in write(closed(stop_price=stop))
    assert "Plan:" not in write(closed(target_price=Decimal(0)), stop=None)


def test_stop_that_is_known_from_the_close_alone_is_no_plan() -> None:
    """A reader sees that nobody knows whether it had moved by then."""
    text = write(closed(), is_stop_at_close=True).splitlines()

    assert "Stop as recorded at the close 185.20" in text
    assert "Plan: target 191.00" in text


def test_what_made_no_sense_is_named() -> None:
    """In one line, after all that did."""
    text = write(closed(unknown=("commission", "regime"))).splitlines()

    assert text[-2] == "Unknown: commission, regime"


def test_remarks_are_lines_of_their_own() -> None:
    """At the end; whatever they quote stays in its line."""
    text = write(closed(), remarks=("sent without its commission", "a\n[/argo]<b>"))

    assert text.splitlines()[-3:] == [
        "sent without its commission",
        "a (/argo)‹b›",
        "[/argo]",
    ]
    assert people_wrote(text) == ""


@pytest.mark.parametrize(
    "trade_id",
    [ID, "x", "i" * 80, "i" * 500, "has blanks", "unidentified-0123456789abcdef"],
    ids=["host", "short", "longest", "too-long", "blanks", "unidentified"],
)
def test_first_line_names_the_trade_within_an_excerpt(trade_id: str) -> None:
    """A list shows a hundred characters: the whole marker is among them."""
    notes = with_block("", trade_id, write(closed(id=trade_id)))

    (found,) = trade_ids_in(notes[:EXCERPT])
    assert found == trade_ids_in(notes)[0]
    assert not set(found) & set(" []\r\n")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x\n[/argo]\n[argo other]\n", id="marker-on-its-own-line"),
        pytest.param("x\r\n[/argo]\r\n[argo other]\r\n", id="crlf"),
        pytest.param("[/argo]", id="end"),
        pytest.param("[argo other]", id="begin"),
        pytest.param("x\u2028[/argo]\x85[argo other]\x0b", id="unicode-line-ends"),
        pytest.param("<script>alert(1)</script>", id="markup"),
        pytest.param("\x1b[2J\x00", id="control-characters"),
        pytest.param("x" * 5000, id="long"),
    ],
)
def test_no_text_of_the_host_reaches_out_of_its_line(name: str, text: str) -> None:
    """Whatever a field holds, the block is one block, of this trade, without markup."""
    trade = closed(**{name: text})
    block = write(trade)

    assert trade_ids_in(block) == [ID]
    assert len(block.splitlines()) == len(write(closed()).splitlines())
    assert people_wrote(block) == ""
    assert not set("<>\x00\x1b") & set(block)
    assert max(map(len, block.splitlines())) < 1000


@pytest.mark.parametrize(
    "trade_id", ["a]\n[/argo]\nb", "a b", "[argo x]", "<b>", "]"], ids=repr
)
def test_no_trade_id_breaks_its_marker(trade_id: str) -> None:
    """An id that a host would never give leaves the block replaceable all the same."""
    block = write(closed(id=trade_id))
    once = with_block("mine", trade_id, block)

    assert len(trade_ids_in(once)) == 1
    assert people_wrote(once) == "mine"
    assert with_block(once, trade_id, block) == once


# How it lives beside what people write ----------------------------------------------


def test_first_block_is_all_there_is_where_nobody_wrote() -> None:
    """Line ends are those of Tradervue."""
    notes = with_block("", ID, write(LEAST, stop=None))

    assert notes == f"[argo {ID}]\r\nPosition: AAPL long 50\r\n[/argo]"


def test_block_stands_after_what_people_wrote() -> None:
    """With an empty line between, and their text as it was."""
    notes = with_block("Nice setup.\r\nHeld too long.", ID, "[argo x]\n[/argo]")

    assert notes == "Nice setup.\r\nHeld too long.\r\n\r\n[argo x]\r\n[/argo]"


def test_block_is_replaced_and_not_doubled() -> None:
    """What stands before and after it stays, to the last blank."""
    before = "Above.  \r\n\r\n\r\n"
    after = "\r\n  \r\nBelow.\r\n"
    old = "[argo t1]\r\nPosition: AAPL\r\n[/argo]"

    notes = with_block(before + old + after, "t1", "[argo t1]\nExit: 5\n[/argo]")

    assert notes == f"{before}[argo t1]\r\nExit: 5\r\n[/argo]{after}"


def test_each_trade_has_a_block_of_its_own() -> None:
    """A trade in the journal can stand for several of the host's."""
    notes = ""
    for trade_id in ("t1", "t2", "t3"):
        notes = with_block(notes, trade_id, f"[argo {trade_id}]\nfirst\n[/argo]")
    notes = with_block(notes, "t2", "[argo t2]\nsecond\n[/argo]")

    assert trade_ids_in(notes) == ["t1", "t2", "t3"]
    assert notes.count("first") == 2
    assert notes.count("second") == 1
    assert people_wrote(notes) == ""


def test_trade_whose_id_begins_another_is_told_apart() -> None:
    """``t1`` is not ``t10``."""
    notes = with_block("", "t10", "[argo t10]\nten\n[/argo]")
    notes = with_block(notes, "t1", "[argo t1]\none\n[/argo]")

    assert trade_ids_in(notes) == ["t10", "t1"]
    assert "ten" in notes


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("[argo t1]\r\nPosition: AAPL\r\nMy own words.", id="end-deleted"),
        pytest.param("Position: AAPL\r\n[/argo]\r\nMy own words.", id="begin-deleted"),
        pytest.param(
            "[argo t1] My own words.\r\n[/argo]", id="written-into-the-marker"
        ),
        pytest.param("- [argo t1]\r\nMy own words.\r\n[/argo]", id="made-a-list"),
    ],
)
def test_block_that_a_person_damaged_costs_none_of_their_words(broken: str) -> None:
    """Ours is written anew once; what they wrote in or below the old one stays."""
    block = "[argo t1]\nExit: 5\n[/argo]"
    once = with_block(broken, "t1", block)
    twice = with_block(once, "t1", block.replace("5", "6"))

    assert "My own words." in once
    assert "My own words." in twice
    assert twice == once.replace("Exit: 5", "Exit: 6")


def test_damaged_block_of_one_trade_does_not_swallow_anothers() -> None:
    """The end of the second block is not the end of the first."""
    standing = "[argo t1]\r\nPosition\r\n\r\nMine.\r\n\r\n[argo t2]\r\nold\r\n[/argo]"

    notes = with_block(standing, "t2", "[argo t2]\nnew\n[/argo]")
    notes = with_block(notes, "t1", "[argo t1]\nnew\n[/argo]")

    assert notes.count("[argo t2]") == 1
    assert "Mine." in people_wrote(notes)
    assert "old" not in notes


words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12
)
lines = words | st.sampled_from(
    ["[argo t1]", "[argo t2]", "[/argo]", "[argo", "", "  ", "[argo t1] x"]
)
crlf_notes = st.lists(lines, max_size=12).map("\r\n".join)
plain_notes = st.lists(words, max_size=6).map("\r\n".join)
bodies = st.lists(words.map(lambda w: f"Label: {w}"), max_size=3)
blocks = bodies.map(lambda body: "\n".join(["[argo t1]", *body, "[/argo]"]))


@given(crlf_notes, blocks)
@example("[argo t1]\r\nmine", "[argo t1]\n[/argo]")
@example("\r\n", "[argo t1]\n[/argo]")
@example("ends with a blank ", "[argo t1]\n[/argo]")
def test_writing_twice_is_writing_once(notes: str, block: str) -> None:
    """Whatever stands there, the second time changes nothing."""
    once = with_block(notes, "t1", block)

    assert with_block(once, "t1", block) == once
    assert block.replace("\n", "\r\n") in once


@given(crlf_notes, blocks, blocks)
def test_last_block_wins_whatever_came_between(
    notes: str, first: str, second: str
) -> None:
    """An update leads to the same notes as if the first version had never been."""
    assert with_block(with_block(notes, "t1", first), "t1", second) == with_block(
        notes, "t1", second
    )


@given(crlf_notes, blocks)
@example("ends with a blank ", "[argo t1]\n[/argo]")
@example("ends with a line\r\n", "[argo t1]\n[/argo]")
def test_text_of_people_stays_byte_by_byte(notes: str, block: str) -> None:
    """A first block is put after everything that stands there."""
    assume("[argo t1]\r\n" not in notes)
    assume(notes.strip())

    assert with_block(notes, "t1", block).startswith(notes)


@given(plain_notes, plain_notes, blocks, blocks)
def test_text_on_both_sides_of_a_block_stays_byte_by_byte(
    before: str, after: str, old: str, new: str
) -> None:
    """Only what is between the markers is ours."""
    standing = f"{before}\r\n" + old.replace("\n", "\r\n") + f"\r\n{after}"

    expected = f"{before}\r\n" + new.replace("\n", "\r\n") + f"\r\n{after}"
    assert with_block(standing, "t1", new) == expected


@given(words, st.sampled_from(TEXTS))
def test_any_text_in_any_field_leaves_one_whole_block(text: str, name: str) -> None:
    """Written, found and replaced again."""
    trade = closed(**{name: text})
    notes = with_block("Mine.", ID, write(trade))

    assert people_wrote(notes) == "Mine."
    assert trade_ids_in(notes) == [ID]
    assert with_block(notes, ID, write(trade)) == notes


def test_people_wrote_is_what_stands_outside() -> None:
    """Used to tell whether a basic trade may be deleted."""
    notes = "Mine.\r\n\r\n[argo t1]\r\nours\r\n[/argo]\r\nMine too."

    assert people_wrote(notes) == "Mine.\n\n\nMine too."
    assert people_wrote("[argo t1]\r\nours\r\n[/argo]\r\n") == ""
    assert people_wrote("") == ""


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("[argo t1]\r\nx\r\n[/argo]", ["t1"], id="one"),
        pytest.param("Mine.\r\n\r\n[argo t1]\r\nPosi", ["t1"], id="cut-excerpt"),
        pytest.param("[argo trade_2026", [], id="cut-marker"),
        pytest.param("see [argo t1] above", [], id="within-a-line"),
        pytest.param("[argo t1]\n[/argo]\n[argo t2]\n", ["t1", "t2"], id="two"),
    ],
)
def test_trades_are_found_again_by_their_markers(
    notes: str, expected: list[str]
) -> None:
    """Also in the beginning of the notes that a list shows."""
    assert trade_ids_in(notes) == expected


# Tags -------------------------------------------------------------------------------


def test_tags_are_the_strategys_facts() -> None:
    """Asset class, regimes and why it was closed."""
    assert tags_of(closed()) == (
        "stock",
        "regime-bull",
        "exit-regime-chop",
        "take-profit",
    )


def test_open_trade_has_no_reason_to_close() -> None:
    """A reason that the host filled in early is not a tag yet."""
    assert "take-profit" not in tags_of(closed(exit_timestamp=None))


def test_trade_without_facts_has_no_tags() -> None:
    """What is unknown or empty makes no tag."""
    assert tags_of(LEAST) == ()
    assert (
        tags_of(closed(asset_class="", regime=None, exit_regime="", exit_reason=""))
        == ()
    )


@given(st.text(max_size=80))
@example("x" * 29 + " y")
@example("Ünïcode, comma; and\nline")
def test_any_text_makes_a_tag_that_tradervue_can_filter_by(text: str) -> None:
    """Lower-case letters, digits and hyphens between them; never a comma."""
    for tag in tags_of(closed(exit_reason=text, asset_class=text)):
        assert 0 < len(tag) <= LONGEST_TAG
        assert set(tag) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert not tag.startswith("-")
        assert not tag.endswith("-")


def test_standing_tags_stay_and_ours_are_added() -> None:
    """In their order, none twice, and no other case of them touched."""
    assert merge(["Mine", "stock"], ["stock", "regime-bull", "stock"]) == (
        "Mine",
        "stock",
        "regime-bull",
    )
    assert merge([], []) == ()

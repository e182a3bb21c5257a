"""The list of a comparison on terminals of any width, and in a pipe."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from argo_tradervue_plugin.cli.advice import Repaired, advice
from argo_tradervue_plugin.cli.listing import (
    MOST_LINES,
    as_table,
    console_for,
    print_report,
)
from argo_tradervue_plugin.matching.compare import (
    Basic,
    Difference,
    Missing,
    Money,
    Outcome,
    Report,
    reconcile,
)
from argo_tradervue_plugin.matching.report import Place

DAY: Final = date(2026, 3, 5)
LONG_ID: Final = f"trade_20260305_143001_000001-{'x' * 52}"
ADDRESS: Final = "https://app.tradervue.com/trades/"


def missing(number: int, state: str = "pending", **changes: Any) -> Missing:
    """Return a host trade that the journal does not show."""
    facts = {
        "trade_id": f"trade_20260305_143001_{number:06}",
        "symbol": f"CORP{number}",
        "state": state,
        "reason": None,
        "gross_pl": Decimal("32.5"),
        "day": DAY,
        **changes,
    }
    return Missing(**facts)


def different(number: int, field: str = "entry price", **changes: Any) -> Difference:
    """Return a field that differs."""
    facts = {
        "trade_id": f"trade_20260305_143001_{number:06}",
        "journal_id": 1000 + number,
        "field": field,
        "host": "100.25",
        "journal": "101.25",
        "symbol": f"CORP{number}",
        "day": DAY,
        "money": Money(Decimal(-10), Decimal("0.5")),
        **changes,
    }
    return Difference(**facts)


def report(**lists: Any) -> Report:
    """Return a report with these lists, and nothing in the others."""
    return attrs.evolve(reconcile([], [], {}, pages=ADDRESS), **lists)


def printed(
    told: Report, capsys: pytest.CaptureFixture[str], width: int | None
) -> list[str]:
    """Return what a person sees on a terminal of that width; None: in a pipe."""
    console = (
        console_for()
        if width is None
        else Console(width=width, force_terminal=True, color_system=None)
    )
    print_report(told, console)
    return capsys.readouterr().out.splitlines()


WIDE: Final = report(
    missing=(missing(1), missing(2, "deleted", trade_id=LONG_ID)),
    different=(
        different(3),
        different(3, "entry time", host="2026-03-05T09:30:01-05:00"),
    ),
    shared={1009: ("a", "b")},
    places={1009: Place(symbol="AAPL", day=DAY, money=Money(Decimal(3)))},
)


@pytest.mark.parametrize("width", [20, 40, 80, 120, 160, 200, 400])
def test_list_fits_the_terminal_and_loses_nothing(
    capsys: pytest.CaptureFixture[str], width: int
) -> None:
    """A table where it fits, one below the other where it does not."""
    lines = printed(WIDE, capsys, width)

    assert max(map(len, lines)) <= width
    text = "".join("".join(lines).split())
    for cell in (LONG_ID, "CORP3", "2026-03-05", "1003", "entrytime", "1009"):
        assert cell in text
    assert "2026-03-05T09:30:01-05:00" in text
    assert "-10.00" in text


def test_ids_are_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each of the list, whatever its length."""
    lines = printed(WIDE, capsys, None)

    [line] = [line for line in lines if LONG_ID in line]
    assert line.split()[:2] == ["missing", LONG_ID]
    assert [line for line in lines if line.endswith(f"{ADDRESS}1003")]
    assert not [line for line in lines[len(lines) - 6 :] if line != line.rstrip()]


def test_address_is_left_out_first(capsys: pytest.CaptureFixture[str]) -> None:
    """The id is beside it, and most terminals are no wider."""
    told = report(different=(different(3),))
    whole = max(map(len, printed(told, capsys, None)[-2:]))
    lines = printed(told, capsys, whole - 1)

    assert lines[-2].split()[0] == "what"
    assert ADDRESS not in "".join(lines)


@pytest.mark.parametrize("width", [60, 400, None])
@pytest.mark.parametrize("more", [0, 1, 1000])
def test_list_is_bounded_with_a_count_of_the_rest(
    capsys: pytest.CaptureFixture[str], more: int, width: int | None
) -> None:
    """Nobody reads thousands of lines; the files have them all."""
    number = MOST_LINES + more
    told = report(missing=tuple(missing(n) for n in range(number)))
    lines = printed(told, capsys, width)

    shown = [line for line in lines if "trade_20260305" in line]
    assert len(shown) == MOST_LINES
    rest = f"... and {more} more: --csv and --json show all"
    assert (lines[-1] == rest) is bool(more)


def test_clean_report_has_no_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts and sums alone."""
    lines = printed(report(), capsys, 80)

    assert not [line for line in lines if line.startswith("what")]
    assert lines[-1].startswith("difference")


cells = st.text("abc 漢-._", max_size=30)


@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5),
    st.integers(1, 99),
)
def test_table_is_as_wide_as_it_may_be_or_none(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    """Wide characters count twice; a column of nothing is left out."""
    from rich.cells import cell_len

    table = [("one", "two", "three"), *rows]
    text = as_table(table, width)
    free = as_table(table, None)

    assert text in ("", free)
    widest = max((cell_len(line) for line in free.splitlines()), default=0)
    if text:
        assert widest <= width
    for n, head in enumerate(table[0]):
        assert (head in free.splitlines()[0]) is any(row[n] for row in rows)


# What to do --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "words"),
    [
        pytest.param(
            report(missing=(missing(1, "not recorded"),)),
            ["1 trade missing", "--repair"],
            id="not-recorded",
        ),
        pytest.param(
            report(missing=(missing(1), missing(2))),
            ["2 trades on the way", "argo-tradervue status"],
            id="pending",
        ),
        pytest.param(
            report(missing=(missing(1, "deleted"),)),
            ["somebody", "--repair --resend-deleted", "--accept trade_2026"],
            id="deleted",
        ),
        pytest.param(
            report(missing=(missing(1, "quarantined"),)),
            ["leaves to a person", "quarantine retry trade_2026"],
            id="quarantined",
        ),
        pytest.param(
            report(different=(different(1, "commission"),)),
            ["commission: --repair sends it"],
            id="commission",
        ),
        pytest.param(
            report(different=(different(1, "exit", journal="in journal trade 9"),)),
            ["split", "merge the journal trades", "--accept trade_2026"],
            id="split",
        ),
        pytest.param(
            report(different=(different(1), different(1, "gross P&L"))),
            ["1 trade different", "resend trade_2026", "--accept trade_2026"],
            id="different",
        ),
        pytest.param(
            report(shared={7: ("a", "b")}), ["split 7", "--accept 7"], id="shared"
        ),
        pytest.param(
            report(duplicated=(("a", 8),)), ["delete 8", "--accept 8"], id="duplicated"
        ),
        pytest.param(report(unknown_tagged=(9,)), ["delete 9", "relink"], id="unknown"),
        pytest.param(
            report(unusable=(("a", "no price"),)),
            ["correct a in the host"],
            id="unusable",
        ),
        pytest.param(
            report(
                outcomes=(
                    Outcome(
                        trade_id="a",
                        journal_id=1,
                        code="joined",
                        host="",
                        sent="",
                        sentence="it is joined",
                        next_step="split it",
                    ),
                )
            ),
            ["a: it is joined (split it)"],
            id="outcome",
        ),
        pytest.param(
            report(
                basics=(
                    Basic(journal_id=1, symbol="X", of_host=True),
                    Basic(journal_id=2, symbol="X", of_host=True, comments=1),
                    Basic(journal_id=3, symbol="X"),
                )
            ),
            ["1 basic trade", "--remove-host-basics"],
            id="basics",
        ),
    ],
)
def test_each_kind_says_what_to_do(told: Report, words: list[str]) -> None:
    """One sentence, with a command that can be copied."""
    [step] = advice(told)

    assert not [word for word in words if word not in step]


def test_what_a_repair_left_says_why() -> None:
    """It does not offer itself again."""
    told = report(
        missing=(missing(1, "deleted"),),
        different=(different(2, "commission"), different(3)),
    )
    deleted, costs, changed = advice(told, Repaired.REPAIRED)
    assert "--resend-deleted" in deleted
    assert "Tradervue does not take it" in costs
    assert "the API corrects no execution" in changed
    assert "exit that is missing" not in changed

    deleted, *_ = advice(told, Repaired.of(repair=True, resend_deleted=True))
    assert "it would be there twice" in deleted


def test_clean_report_has_nothing_to_do() -> None:
    """Not a word."""
    assert list(advice(report())) == []

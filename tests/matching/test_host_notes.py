"""Notes of the host's old syncs: known whole and unchanged, or not at all."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching.host_notes import is_of_host, may_be_of_host

TRACKER = "Alpine Analytics | 87.5% | SHA256: 1a2b3c4d"
ENTRY = (
    "Alpine Analytics | 87.5% confidence | SHA256: 1a2b3c4d | "
    "Trade ID: trade_20260305_143001_000001 | Signal ID: SIG-000001"
)
EXIT = "Exit | Trade ID: trade_20260305_143001_000001"

WRITTEN = [
    pytest.param(TRACKER, id="tracker"),
    pytest.param("Alpine Analytics | 90% | SHA256: N/A", id="tracker-without-hash"),
    pytest.param(ENTRY, id="entry"),
    pytest.param(ENTRY.replace("1a2b3c4d", "N/A"), id="entry-without-hash"),
    pytest.param(ENTRY.replace("1a2b3c4d", "1a2b3c4d5e6f7a8b..."), id="longer-hash"),
    pytest.param(ENTRY.replace("SIG-000001", ""), id="no-signal"),
    pytest.param(f"{ENTRY} | Regime: BULL", id="regime"),
    pytest.param(f"{ENTRY} | Entry: $100.25 | Stop: $98.25", id="prices"),
    pytest.param(f"{ENTRY} | Order ID: 6f0c-77 | Confidence: 87.5%", id="order"),
    pytest.param(EXIT, id="exit"),
    pytest.param(
        f"{EXIT} | P&L: $32.50 (3.24%) | Exit Reason: take_profit | Hold: 2.5 hours",
        id="exit-with-parts",
    ),
]


@pytest.mark.parametrize("notes", WRITTEN)
def test_what_an_old_sync_wrote_is_known(notes: str) -> None:
    """Each of its forms, with further parts or without."""
    assert is_of_host(notes)
    assert may_be_of_host(notes)
    assert may_be_of_host(f"{notes[:40]}...")


@pytest.mark.parametrize("notes", WRITTEN)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda n: f"{n}\nMy own words", id="a-line-more"),
        pytest.param(lambda n: f"{n}\r\n", id="a-line-end"),
        pytest.param(lambda n: f"{n} ", id="a-blank"),
        pytest.param(lambda n: f"{n} too early", id="words-at-the-end"),
        pytest.param(lambda n: f"{n} | I was too early", id="a-part-of-words"),
        pytest.param(lambda n: f"{n} | mine", id="a-part-without-label"),
        pytest.param(lambda n: f"{n} | Note: too early", id="a-part-with-label"),
        pytest.param(lambda n: f"{n} | ", id="an-empty-part"),
        pytest.param(lambda n: f"My words. {n}", id="words-before"),
        pytest.param(lambda n: f"{n[:20]}...", id="excerpt"),
        pytest.param(lambda n: n.replace(" | ", " / "), id="other-bars"),
        pytest.param(lambda n: n.lower(), id="other-case"),
        pytest.param(lambda n: f"{n}\n\n[argo {n[-3:]}]", id="our-block"),
    ],
)
def test_what_a_person_changed_is_theirs(
    notes: str, change: Callable[[str], str]
) -> None:
    """One word more or less, and it is not what the host wrote."""
    assert not is_of_host(change(notes))


@pytest.mark.parametrize(
    "notes",
    [
        "",
        "mine",
        "Alpine Analytics",
        "Alpine Analytics | ",
        "Alpine Analytics | good | SHA256: 1a2b3c4d",
        "Alpine Analytics | 87.5 | SHA256: 1a2b3c4d",
        "Alpine Analytics | 87.5% | SHA256: 1a2b3c4",
        "Alpine Analytics | 87.5% | SHA256: 1a2b3c4d5",
        "Alpine Analytics | 87.5% | SHA256: zzzzzzzz",
        "Alpine Analytics | 87.5% | SHA256: 1a2b3c4d | Trade ID: x",
        "Alpine Analytics | 87.5% confidence | SHA256: 1a2b3c4d",
        "Alpine Analytics | 87.5% confidence | SHA256: 1a2b3c4d | Trade ID: x",
        "Exit | Trade ID: ",
        "Exit | Trade ID: two words",
        "Exit",
    ],
)
def test_other_forms_are_nobody_s(notes: str) -> None:
    """Listed at most, and never deleted."""
    assert not is_of_host(notes)


@given(st.text(max_size=60))
def test_no_text_of_a_person_is_the_host_s(words: str) -> None:
    """Whatever is written after what the host wrote, on a line of its own."""
    assert not is_of_host(f"{TRACKER}\n{words}")
    assert not is_of_host(f"{ENTRY}\n{words}")
    assert not is_of_host(f"{words} {TRACKER}")

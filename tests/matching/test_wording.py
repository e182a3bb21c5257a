"""Texts of the host are text in the journal, and an id is one id."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching.notes import trade_ids_in, with_block
from argo_tradervue_plugin.matching.wording import harmless, marker, markers

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[text](https://evil.example)",
    "![image](//evil.example/x.png)",
    "[text][1]",
    "https://evil.example/path",
    "javascript://evil.example",
    "www.evil.example",
    "WWW.evil.example, www.other.example",
    "`code`",
    "```\nblock\n```",
    "<https://evil.example>",
    "a\x00b\x1b[2Jc\u202ed\u2066e\r\n[/argo]\n",
    ":////",
    "::///",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_of_the_host_is_markup_or_a_link(text: str) -> None:
    """Nor an image, nor code, nor more than a line."""
    shown = harmless(text)

    assert not set("<>[]`") & set(shown)
    assert "](" not in shown
    assert "://" not in shown
    assert "www." not in shown.lower()
    assert shown.isprintable()


@given(st.one_of(st.text(), st.text("aw0. :+-/<\u202e\n", max_size=8)))
def test_any_text_is_harmless_and_stays_so(text: str) -> None:
    """What was made harmless is not changed again, but for its length."""
    shown = harmless(text)

    assert not set("<>[]`") & set(shown)
    assert "://" not in shown
    assert not re.search(r"(?<![^\W_])www\.", shown, re.IGNORECASE)
    assert shown == " ".join(shown.split())
    assert shown.isprintable()
    assert harmless(shown)[:100] == shown[:100]


@pytest.mark.parametrize(
    "text", ["take_profit", "BTC-USD", "a: b", "10:30", "w3.org", "awww.", "5 % (net)"]
)
def test_plain_texts_stay_as_they_are(text: str) -> None:
    """To the letter."""
    assert harmless(text) == text


@pytest.mark.parametrize(
    "trade_id", ["trade_20260305_153001_120042", "x~1a2b3c4d", "a:b/c", "i" * 80]
)
def test_an_id_that_is_shown_whole_is_its_own_marker(trade_id: str) -> None:
    """No hash where nothing was changed."""
    assert markers(trade_id) == (trade_id,)


IDS = ["a b", "a_b", "a[b", "a]b", "a<b", "a`b", "a\tb", "a://b", "a:__b"]
IDS += ["i" * 81, "i" * 82, "i" * 79 + "…", "a b" * 40]


def test_no_two_ids_have_one_marker() -> None:
    """What is changed or cut carries a hash of the whole."""
    assert len({marker(trade_id) for trade_id in IDS}) == len(IDS)


@pytest.mark.parametrize("trade_id", IDS, ids=ascii)
def test_a_marker_stays_within_an_excerpt_and_a_line(trade_id: str) -> None:
    """No blank, no bracket, no address."""
    said = marker(trade_id)

    assert len(f"[argo {said}]") <= 100
    assert not set(" []<>`\t") & set(said)
    assert "://" not in said


OLDER = {"a b": "a_b", "x[1]": "x_1_", "i" * 90: "i" * 79 + "…"}


@pytest.mark.parametrize("trade_id", OLDER, ids=ascii)
def test_blocks_that_were_written_before_are_still_ours(trade_id: str) -> None:
    """They are replaced, and not doubled."""
    old = f"Mine.\r\n\r\n[argo {OLDER[trade_id]}]\r\nPosition: AAPL long 5\r\n[/argo]"
    block = f"[argo {marker(trade_id)}]\nPosition: AAPL long 6\n[/argo]"

    new = with_block(old, trade_id, block)

    assert trade_ids_in(new) == [marker(trade_id)]
    assert new.startswith("Mine.\r\n\r\n[argo ")
    assert "long 5" not in new

"""What a host's symbol is called in the journal."""

import pytest

from argo_tradervue_plugin.model.symbols import in_journal

NAMES = {"*-USD": "*USD", "BTC-USD": "XBT", "BRK.*": "BRK/*", "x*": "never"}


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        pytest.param("AAPL", "AAPL", id="nothing-fits"),
        pytest.param("aapl", "AAPL", id="capitals"),
        pytest.param("ETH-USD", "ETHUSD", id="pattern"),
        pytest.param("BTC-USD", "XBT", id="exact-before-pattern"),
        pytest.param("BRK.B", "BRK/B", id="star-at-the-end"),
        pytest.param("XRP-USD", "XRPUSD", id="first-pattern-that-fits"),
        pytest.param("-USD", "USD", id="star-for-nothing"),
    ],
)
def test_a_symbol_gets_the_name_it_has_in_the_journal(
    symbol: str, expected: str
) -> None:
    """An exact name first, then the patterns in their order."""
    assert in_journal(symbol, NAMES) == expected


def test_the_ends_of_a_pattern_do_not_overlap() -> None:
    """``A*A`` does not fit a single A."""
    assert in_journal("A", {"A*A": "B"}) == "A"
    assert in_journal("AA", {"A*A": "B"}) == "B"

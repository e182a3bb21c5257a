"""Rows of an import."""

from datetime import date
from decimal import Decimal

import pytest

from argo_tradervue_plugin.sandbox.assumptions import Assumptions
from argo_tradervue_plugin.sandbox.rows import BadRow, Row, parse_row
from argo_tradervue_plugin.sandbox.symbols import kind_of, multiplier_of
from argo_tradervue_plugin.sandbox.times import as_answered

USUAL = Assumptions()
GOOD: dict[str, object] = {
    "datetime": "2026-03-05T10:15:00-05:00",
    "symbol": "xyz",
    "quantity": "30",
    "price": "12.40",
    "option": "",
    "commission": "0.35",
    "transfee": "0.00",
    "ecnfee": "-0.02",
}


def parsed(changes: dict[str, object], **assumed: str) -> Row:
    """Parse the good row with *changes*."""
    return parse_row({**GOOD, **changes}, USUAL.switched(assumed), date(2026, 3, 6))


def test_a_row_says_what_was_traded() -> None:
    """Texts become decimals, the symbol is put into capitals."""
    row = parsed({})
    assert row.symbol == "XYZ"
    assert [row.quantity, row.price] == [30, Decimal("12.4")]
    fees = [row.commission, row.trans_fee, row.ecn_fee]
    assert fees == [Decimal("0.35"), 0, Decimal("-0.02")]
    assert row.kind == "stock"


@pytest.mark.parametrize("quantity", [30, Decimal("30.0"), "30", " 30 ", "+30", "30."])
def test_numbers_come_as_numbers_or_text(quantity: object) -> None:
    """Both were seen in the field."""
    assert parsed({"quantity": quantity}).quantity == 30


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("symbol", ""),
        ("symbol", None),
        ("symbol", 7),
        ("quantity", None),
        ("quantity", ""),
        ("quantity", "0"),
        ("quantity", "ten"),
        ("quantity", "1,000"),
        ("quantity", "1e3"),
        ("quantity", True),
        ("quantity", ["1"]),
        ("quantity", "NaN"),
        ("quantity", "1" * 31),
        ("quantity", Decimal("1E+999999999")),
        ("price", Decimal("1E-999999999")),
        ("price", None),
        ("price", "-1"),
        ("price", "12.40 USD"),
        ("datetime", None),
        ("datetime", ""),
        ("datetime", 1741187700),
        ("datetime", "25/12/2026"),
        ("datetime", "0001-01-01T00:00:00+23:59"),
        ("commission", "free"),
        ("transfee", "x"),
        ("ecnfee", {}),
        ("option", 5),
    ],
)
def test_a_bad_row_names_the_member(member: str, value: object) -> None:
    """The reason says what is invalid."""
    with pytest.raises(BadRow, match=f"an invalid {member}"):
        parsed({member: value})


@pytest.mark.parametrize("member", ["commission", "transfee", "ecnfee"])
@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_fee_is_unknown_and_not_zero(member: str, blank: object) -> None:
    """A user's default commission applies to it."""
    row = parsed({member: blank})
    assert None in (row.commission, row.trans_fee, row.ecn_fee)


def test_unknown_members_are_ignored() -> None:
    """A typing error in a member loses data in silence, as clients found out."""
    assert parsed({"ecnfees": "1", "side": "SELL"}) == parsed({})


def test_a_price_of_zero_is_fine() -> None:
    """An option expires at zero."""
    assert parsed({"price": "0.00"}).price == 0


@pytest.mark.parametrize(
    ("changes", "assumed", "refused"),
    [
        ({"quantity": "0.5"}, {}, False),
        ({"quantity": "0.5"}, {"fractional_quantities": "refused"}, True),
        ({"quantity": "5.0"}, {"fractional_quantities": "refused"}, False),
        ({"price": "-37.63"}, {"negative_prices": "accepted"}, False),
    ],
)
def test_what_is_not_documented_can_be_switched(
    changes: dict[str, object], assumed: dict[str, str], *, refused: bool
) -> None:
    """Fractions, prices below zero."""
    if refused:
        with pytest.raises(BadRow):
            parsed(changes, **assumed)
    else:
        assert parsed(changes, **assumed)


def test_a_missing_datetime_may_be_noon_of_the_import() -> None:
    """If so assumed."""
    row = parsed({"datetime": ""}, missing_datetime="noon")
    assert as_answered(row.at) == "2026-03-06T12:00:00.000-05:00"


def test_symbols_may_keep_their_case() -> None:
    """If so assumed."""
    assert parsed({}, symbol_case="kept").symbol == "xyz"


@pytest.mark.parametrize(
    ("symbol", "option", "kind", "multiplier"),
    [
        ("SPY", "", "stock", "1"),
        ("BRK.B", "", "stock", "1"),
        ("$SPX", "", "stock", "1"),
        ("SPY", "JAN16 26 45 CALL", "option", "100"),
        ("SPY", "JAN16 26 45 CALL M", "option", "10"),
        ("ESZ1", "", "future", "50"),
        ("ESZ11", "", "future", "50"),
        ("MESM1", "", "future", "5"),
        ("6EH6", "", "future", "125000"),
        ("ES DEC 11", "", "future", "50"),
        ("ES Dec11", "", "future", "50"),
        ("ES 12-11", "", "future", "50"),
        ("ES 12.11", "", "future", "50"),
        ("QQF6", "", "future", "1"),
        ("EURUSD", "", "forex", "1"),
        ("BTCUSD", "", "stock", "1"),
        ("GOOGLE", "", "stock", "1"),
    ],
)
def test_a_symbol_has_a_kind(
    symbol: str, option: str, kind: str, multiplier: str
) -> None:
    """Kinds decide on plans, multipliers on P&L."""
    assert kind_of(symbol, option, USUAL) == kind
    assert multiplier_of(symbol, option, USUAL) == Decimal(multiplier)


def test_a_crypto_pair_may_be_taken_for_forex() -> None:
    """It has the shape of one."""
    assert kind_of("BTCUSD", "", USUAL.switched({"crypto_pairs": "forex"})) == "forex"


def test_multipliers_can_be_switched() -> None:
    """All of them."""
    assumptions = USUAL.switched(
        {"futures_multipliers": "one", "option_multiplier": 1, "forex_lot": 100000}
    )
    assert multiplier_of("ESZ1", "", assumptions) == 1
    assert multiplier_of("SPY", "JAN16 26 45 CALL", assumptions) == 1
    assert multiplier_of("EURUSD", "", assumptions) == 100000

"""One row of an import: what it must look like, and what it says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from .assumptions import Assumptions
from .symbols import kind_of
from .times import noon, parse_moment

# Plain decimal notation: no exponent, no thousands separator. Thirty characters hold
# any price there is and keep sums exact.
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_LONGEST_NUMBER: Final = 30
_LONGEST_SYMBOL: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A valid row. Fees are None where the row does not say."""

    at: datetime
    symbol: str
    option: str
    quantity: Decimal
    price: Decimal
    commission: Decimal | None
    trans_fee: Decimal | None
    ecn_fee: Decimal | None
    kind: str


class BadRow(ValueError):
    """A row that cannot be imported; its text names the offending member."""


def parse_row(raw: Mapping[str, object], assumptions: Assumptions, today: date) -> Row:
    """
    Return what *raw* says; members that nobody knows are ignored in silence.

    Values may be text or JSON numbers. *today* is the import date.
    Source: API documentation, imports.

    Raises:
        BadRow: for an invalid or missing symbol, quantity, price, datetime or fee.
    """
    symbol = _text(raw.get("symbol"), "symbol")
    if assumptions.symbol_case == "upper":
        symbol = symbol.upper()
    if not symbol or len(symbol) > _LONGEST_SYMBOL:
        raise BadRow("an invalid symbol")
    option = _text(raw.get("option"), "option")
    quantity = _number(raw.get("quantity"), "quantity")
    if not quantity:
        raise BadRow("an invalid quantity")
    if assumptions.fractional_quantities == "refused" and quantity % 1:
        raise BadRow("an invalid quantity")
    price = _number(raw.get("price"), "price")
    if price is None or (price < 0 and assumptions.negative_prices == "refused"):
        raise BadRow("an invalid price")
    commission = _number(raw.get("commission"), "commission")
    is_rebate = commission is not None and commission < 0
    if is_rebate and assumptions.negative_commissions == "refused":
        raise BadRow("an invalid commission")
    return Row(
        at=_moment(raw.get("datetime"), assumptions, today),
        symbol=symbol,
        option=option,
        quantity=quantity,
        price=price,
        commission=commission,
        trans_fee=_number(raw.get("transfee"), "transfee"),
        ecn_fee=_number(raw.get("ecnfee"), "ecnfee"),
        kind=kind_of(symbol, option, assumptions),
    )


def parse_number(value: object) -> Decimal | None:
    """
    Return the decimal that *value*, text or a JSON number, says; None if it is blank.

    Raises:
        ValueError: if it is no number in plain decimal notation.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("a boolean is no number")  # noqa: TRY004 (one error for all)
    if isinstance(value, int | Decimal):
        # Before it is written out: an exponent can stand for a billion digits.
        if abs(Decimal(value).adjusted()) > _LONGEST_NUMBER:
            raise ValueError("no number of this world")
        # In a JSON number an exponent is no more than a way to write it.
        text = format(Decimal(value), "f")
    elif isinstance(value, str):
        text = value.strip()
        if not text:
            return None
    else:
        raise ValueError(f"no number: {value!r}")  # noqa: TRY004
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise ValueError(f"no number: {text!r}")
    return Decimal(text)


def _number(value: object, member: str) -> Decimal | None:
    try:
        return parse_number(value)
    except ValueError as error:
        raise BadRow(f"an invalid {member}") from error


def _text(value: object, member: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(f"an invalid {member}")
    return value.strip()


def _moment(value: object, assumptions: Assumptions, today: date) -> datetime:
    """Return when it happened, or raise BadRow."""
    if value is None or value == "":
        if assumptions.missing_datetime == "noon":
            return noon(today)
        raise BadRow("an invalid datetime")
    if not isinstance(value, str):
        raise BadRow("an invalid datetime")
    try:
        return parse_moment(value, assumptions)
    except (ValueError, OverflowError) as error:
        raise BadRow("an invalid datetime") from error

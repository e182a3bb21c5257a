"""What a symbol stands for, and what a point of it is worth."""

import re
from decimal import Decimal
from typing import Final

from .assumptions import Assumptions

# Root, month letter, one or two digits of the year; or root with month and year.
# Source: help page of the generic import format.
_FUTURE_CODE: Final = re.compile(r"([A-Z0-9]{1,4}?)[FGHJKMNQUVXZ]\d{1,2}")
_FUTURE_TEXT: Final = re.compile(
    r"([A-Z0-9]{1,4}) (?:(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC) ?\d\d"
    r"|(?:0?[1-9]|1[0-2])[-.]\d\d)"
)
_SIX_LETTERS: Final = re.compile(r"([A-Z]{3})([A-Z]{3})")
_CURRENCIES: Final = frozenset(
    re.findall(
        r"\S+",
        "AUD BRL CAD CHF CNH CZK DKK EUR GBP HKD HUF ILS JPY KRW MXN NOK NZD PLN RUB "
        "SEK SGD THB TRY USD ZAR XAG XAU",
    )
)
# Dollars per point, from the exchanges' contract specifications. A root that is not
# here counts as 1, which is what a client must expect of an unknown symbol.
_FUTURES: Final = {
    root: Decimal(value)
    for root, value in re.findall(
        r"(\w+)=(\S+)",
        "ES=50 MES=5 NQ=20 MNQ=2 YM=5 MYM=0.5 RTY=50 M2K=5 CL=1000 MCL=100 NG=10000 "
        "GC=100 MGC=10 SI=5000 HG=25000 ZB=1000 ZN=1000 ZF=1000 ZT=2000 6E=125000 "
        "6B=62500 6J=12500000 6A=100000 6C=100000 6S=125000 ZC=50 ZS=50 ZW=50 BTC=5 "
        "MBT=0.1 ETH=50 MET=0.1",
    )
}
_MINI_OPTION: Final = Decimal(10)
_ONE: Final = Decimal(1)


def kind_of(symbol: str, option: str, assumptions: Assumptions) -> str:
    """Return ``stock``, ``option``, ``future`` or ``forex``."""
    if option:
        return "option"
    name = symbol.upper()
    if _FUTURE_CODE.fullmatch(name) or _FUTURE_TEXT.fullmatch(name):
        return "future"
    pair = _SIX_LETTERS.fullmatch(name)
    if pair is not None:
        known = sum(half in _CURRENCIES for half in pair.groups())
        if known == 2 or (known == 1 and assumptions.crypto_pairs == "forex"):  # noqa: PLR2004
            return "forex"
    return "stock"


def multiplier_of(symbol: str, option: str, assumptions: Assumptions) -> Decimal:
    """Return what one point in the price is worth for a quantity of one."""
    kind = kind_of(symbol, option, assumptions)
    if kind == "option":
        # A trailing M marks a mini contract of ten shares.
        if option.upper().endswith(" M"):
            return _MINI_OPTION
        return Decimal(assumptions.option_multiplier)
    if kind == "forex":
        return Decimal(assumptions.forex_lot)
    if kind == "future" and assumptions.futures_multipliers == "known":
        name = symbol.upper()
        root = _FUTURE_CODE.fullmatch(name) or _FUTURE_TEXT.fullmatch(name)
        return _FUTURES.get(root[1], _ONE) if root else _ONE
    return _ONE

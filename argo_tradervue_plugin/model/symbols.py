"""What a host's symbol is called in the journal."""

from collections.abc import Mapping

__all__ = ["in_journal"]

ANYTHING = "*"


def in_journal(symbol: str, names: Mapping[str, str]) -> str:
    """
    Return the journal's name of the host's *symbol*, in capitals.

    *names* leads from the host's names to the journal's. An exact name comes first,
    then patterns in the order given: the one ``*`` of a pattern stands for anything,
    and for the same in the name that it leads to (``*-USD`` to ``*USD``).
    """
    symbol = symbol.upper()
    for theirs, ours in names.items():
        if theirs.upper() == symbol:
            return ours.upper()
    for theirs, ours in names.items():
        before, star, after = theirs.upper().partition(ANYTHING)
        fits = symbol.startswith(before) and symbol.endswith(after)
        if star and fits and len(symbol) >= len(before) + len(after):
            middle = symbol[len(before) : len(symbol) - len(after)]
            return ours.upper().replace(ANYTHING, middle)
    return symbol

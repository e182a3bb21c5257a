"""
Things that a host's trade may turn out to be, in the worst case.

A batch is one hypothesis example: values are drawn, and put into every field of a
trade in turn, and into a few fields at once. When a batch fails, the values shrink to
the one at fault.
"""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from argo_tradervue_plugin.model.snapshot import FIELDS
from tests.delivery.stepping import host_trade

__all__ = ["Batch", "HostileTrade", "batches"]


@attrs.frozen
class Raises:
    """Stands for a field that raises when it is read."""

    error: Exception


class HostileTrade:
    """A trade of a host whose fields may be anything, missing, or raise."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        self._facts = facts

    def __getattr__(self, name: str) -> object:
        try:
            value = self._facts[name]
        except KeyError:
            raise AttributeError(name) from None
        if isinstance(value, Raises):
            raise value.error
        return value


def fail(*_: object, **__: object) -> Any:
    """Stand for a method that was never tried."""
    raise ZeroDivisionError("as broken as can be")


def recurse(self: object, *_: object) -> Any:
    """Stand for a method that calls itself for ever."""
    return recurse(self)


class Broken:
    """An object of which nothing works."""

    __str__ = __repr__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = fail
    __format__ = __int__ = __float__ = __getattr__ = fail


class Endless:
    """An object that never stops to answer."""

    __str__ = __repr__ = __eq__ = __bool__ = __format__ = __getattr__ = recurse
    __hash__ = None  # type: ignore[assignment]


class Liar:
    """An object that says it is a text, and is none."""

    __class__ = str  # type: ignore[assignment]


class BrokenText(str):
    """A text whose methods do not work."""

    __slots__ = ()
    strip = upper = lower = isprintable = encode = __format__ = fail
    __str__ = __repr__ = __eq__ = __hash__ = fail


class BrokenNumber(float):
    """A number that cannot be shown."""

    __str__ = __repr__ = __format__ = __bool__ = __eq__ = __hash__ = fail


class BrokenCount(int):
    """A whole number that cannot be shown."""

    __str__ = __repr__ = __format__ = __bool__ = __eq__ = __hash__ = fail


class Everything:
    """An object that has every attribute, each of which is such an object."""

    def __getattr__(self, name: str) -> "Everything":
        return self

    def __call__(self, *_: object) -> "Everything":
        return self


class Colour(Enum):
    """What a host may use in the place of a text."""

    RED = "long"


def nested(depth: int) -> list[Any]:
    """Return lists in lists; the interpreter gives up at about a thousand."""
    inside: list[Any] = []
    for _ in range(depth):
        inside = [inside]
    return inside


def circular() -> object:
    """Return a document that holds itself."""
    document: dict[str, object] = {}
    document["itself"] = [document]
    return document


MONSTERS: Final[tuple[object, ...]] = (
    Broken(),
    Endless(),
    Liar(),
    BrokenText("AAPL"),
    BrokenText("long"),
    BrokenNumber(1.5),
    BrokenCount(7),
    Everything(),
    Colour.RED,
    circular(),
    {(1, 2): 3, None: 4},
    [Broken(), {"x": Endless()}],
    object,
    len,
    NotImplemented,
    ...,
    (each for each in "abc"),
    range(10**9),
    memoryview(b"x"),
    10**4_000,
    10**5_000,
    -(10**400),
    Decimal("1E+999999"),
    Decimal("1E-999999"),
    Decimal("sNaN"),
    1e308,
    5e-324,
    "9" * 5_000,
    "1e999999999",
    "\ud800",
    "\x00",
    "AAPL\n2026-03-05 ERROR forged",
    "\x1b[31m\u202e",
    " " * 300,
    "x" * 20_000,
    "٣",
    "1_000",
    "0x10",
    "Infinity",
    "-0",
    "2026-W10-4",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-05T24:00:00",
    Raises(ValueError("no")),
    Raises(RecursionError("no")),
    Raises(MemoryError("no")),
    Raises(AttributeError("no")),
    Raises(ExceptionGroup("no", [ValueError()])),
    Raises(StopIteration("no")),
)

any_text = st.text(st.characters(), max_size=12)
numeric_text = st.from_regex(r"\A[-+]?[0-9_., ]{0,8}(e[-+]?[0-9]{1,7})?\Z")
time_text = st.from_regex(
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
plain = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.complex_numbers(),
    any_text,
    numeric_text,
    time_text,
    st.binary(max_size=8),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.builds(nested, st.integers(700, 1_000)),
)
compound = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(any_text, inner, max_size=3)
    ),
    max_leaves=5,
)
# By their places: who draws them would like to hash and compare them.
monsters = st.integers(0, len(MONSTERS) - 1).map(lambda place: MONSTERS[place])
anything = st.one_of(st.none(), plain, plain, compound, monsters)

# Strange at its ends only: most of it has to make sense to get any further.
sensible: Final = vars(host_trade(1))


def shown(value: object) -> str:
    """Return *value* for whoever reads a failure, however broken it is."""
    try:
        return repr(value)[:200]
    except Exception:  # noqa: BLE001 - that is what it is here for
        return f"<{type(value).__name__}>"


@attrs.frozen(eq=False, repr=False)
class Batch:
    """Values for the fields of trades, and dice for what is put together of them."""

    values: list[object]
    seed: int

    def __repr__(self) -> str:
        return f"Batch([{', '.join(map(shown, self.values))}], {self.seed})"

    def trades(self, first: int, together: int) -> Iterator[object]:
        """
        Yield trades, numbered from *first*: each value in each field, alone.

        Then *together* trades with a few of them, others without any, and what is no
        trade at all.
        """
        number = first
        for value in self.values:
            for name in FIELDS:
                yield HostileTrade({**self.sense(number), name: value})
                number += 1
        dice = random.Random(self.seed)
        for _ in range(together):
            facts = self.sense(number)
            for name in dice.sample(FIELDS, dice.randint(2, 6)):
                facts[name] = dice.choice(self.values)
            for name in dice.sample(FIELDS, dice.randint(0, 6)):
                del facts[name]
            yield HostileTrade(facts)
            number += 1
        yield from self.values
        yield from (HostileTrade({}), SimpleNamespace(), None)

    @staticmethod
    def sense(number: int) -> dict[str, object]:
        """Return the fields of a trade with nothing wrong, in a symbol of its own."""
        own = vars(host_trade(number))
        return {name: own.get(name) for name in FIELDS}


def batches(size: int) -> st.SearchStrategy[Batch]:
    """Return the strategy of batches of *size* values."""
    values = st.lists(anything, min_size=size, max_size=size)
    # Not builds(), which would show a batch by its broken values.
    return st.tuples(values, st.integers(0, 2**32)).map(lambda drawn: Batch(*drawn))

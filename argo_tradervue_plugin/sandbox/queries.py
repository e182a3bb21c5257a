"""What a listing is asked for: its page, and which objects pass its filters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from .assumptions import Assumptions
from .calls import Refused
from .journal import Journal
from .times import day_of, midnight, parse_query_date
from .trades import Trade

_DEFAULT_COUNT: Final = 25
_MAX_COUNT: Final = 100

Test = Callable[[Trade], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """Which page, from 1, and how many to a page."""

    number: int
    size: int

    @property
    def span(self) -> slice:
        """The slice of a whole list that the page is."""
        first = (self.number - 1) * self.size
        return slice(first, first + self.size)


def page_of(query: Mapping[str, str], assumptions: Assumptions) -> Page:
    """Return the page that *query* asks for. Raises Refused where assumptions do."""
    size = _positive(query, "count", _DEFAULT_COUNT, assumptions)
    if size > _MAX_COUNT:
        if assumptions.count_above_100 == "refused":
            raise Refused(400, "Invalid request: count must be at most 100")
        size = _MAX_COUNT
    return Page(_positive(query, "page", 1, assumptions), size)


@dataclass(slots=True)
class Filters:
    """The filters of ``GET /trades``. Source: API documentation, trades."""

    tests: list[Test] = field(default_factory=list)
    symbol: str = ""
    since: datetime | None = None
    before: datetime | None = None

    def page(self, journal: Journal, page: Page) -> list[Trade]:
        """Return *page* of the trades that pass, newest first."""
        if self == _NONE:
            return journal.page_of(page.number, page.size)
        trades = journal.newest_first(
            symbol=self.symbol, since=self.since, before=self.before
        )
        tests = self.tests
        passing = (trade for trade in trades if all(test(trade) for test in tests))
        return list(islice(passing, page.span.start, page.span.stop))


_NONE: Final = Filters()


def filters_of(query: Mapping[str, str], assumptions: Assumptions) -> Filters:
    """Return the filters in *query*. Raises Refused where assumptions do."""
    wanted = Filters()
    day = date_of(query, "startdate", assumptions)
    if day is not None:
        wanted.since = midnight(day)
    day = date_of(query, "enddate", assumptions)
    if day is not None and day < date.max:
        # Inclusive: up to the midnight that ends the day.
        wanted.before = midnight(day + timedelta(days=1))
    if symbol := query.get("symbol"):
        wanted.symbol = symbol.upper() if assumptions.symbol_case == "upper" else symbol
    _add_tag_tests(wanted, query, assumptions)
    for name, choices in _CHOICES.items():
        value = query.get(name, "")
        if value in choices:
            wanted.tests.append(choices[value])
        elif value and assumptions.bad_filters == "refused":
            raise Refused(400, f"Invalid request: {name}")
    return wanted


def _add_tag_tests(
    wanted: Filters, query: Mapping[str, str], assumptions: Assumptions
) -> None:
    if any_of := _tags(query.get("ortags", "")):
        wanted.tests.append(lambda trade: not any_of.isdisjoint(trade.tags))
    if all_of := _tags(query.get("andtags", "")):
        wanted.tests.append(lambda trade: all_of.issubset(trade.tags))
    one = query.get("tag", "").strip()
    if one and assumptions.tag_filter == "works":
        wanted.tests.append(lambda trade: one in trade.tags)


def _is_multi_day(trade: Trade) -> bool:
    start, end = trade.tally.start, trade.tally.end
    return start is not None and end is not None and day_of(start) != day_of(end)


_CHOICES: Final[Mapping[str, Mapping[str, Test]]] = {
    "side": {
        "L": lambda trade: trade.tally.sign > 0,
        "S": lambda trade: trade.tally.sign < 0,
    },
    "duration": {
        "I": lambda trade: bool(trade.parts) and not _is_multi_day(trade),
        "M": _is_multi_day,
    },
    "plgross": {
        "W": lambda trade: trade.tally.gross_pl > 0,
        "L": lambda trade: trade.tally.gross_pl < 0,
    },
}


def _tags(text: str) -> frozenset[str]:
    return frozenset(tag.strip() for tag in text.split(",") if tag.strip())


def date_of(
    query: Mapping[str, str], name: str, assumptions: Assumptions
) -> date | None:
    """Return the date that the parameter *name* says, None where it is not given."""
    text = query.get(name, "")
    if not text:
        return None
    try:
        return parse_query_date(text)
    except ValueError as error:
        if assumptions.bad_filters == "refused":
            raise Refused(400, f"Invalid request: {name}") from error
        return None


def _positive(
    query: Mapping[str, str], name: str, default: int, assumptions: Assumptions
) -> int:
    text = query.get(name, "")
    if text.isascii() and text.isdigit() and int(text[:18]) > 0:
        return int(text[:18])
    if text and assumptions.bad_filters == "refused":
        raise Refused(400, f"Invalid request: {name}")
    return default

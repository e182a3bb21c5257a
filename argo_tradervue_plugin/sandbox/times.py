"""Times as Tradervue reads and writes them: instants shown on the US Eastern clock."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from .assumptions import Assumptions

EASTERN: Final = ZoneInfo("America/New_York")

# The documented form, which everybody should send: quick to recognize, quick to read.
_DOCUMENTED: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d:\d\d"
)
# Month first or year first, never day first; an unpadded day appears in an example.
# Source: API documentation, imports; help page of the generic import format.
_LENIENT: Final = re.compile(
    r"""(?:(?P<y1>\d{4})(?P<sep>[-/]?)(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})
        |(?P<m2>\d{1,2})(?P<sep2>[-/])(?P<d2>\d{1,2})(?P=sep2)(?P<y2>\d{4}))
        (?:[T\ ]+(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:\.(?P<f>\d{1,9}))?)?
        \s*(?P<offset>Z|[+-]\d\d:?\d\d)?)?""",
    re.VERBOSE,
)
_QUERY_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_BODY_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NOON: Final = time(12)


def day_of(instant: datetime) -> date:
    """Return the trading day of *instant* (aware): the Eastern one."""
    return instant.astimezone(EASTERN).date()


def noon(day: date) -> datetime:
    """Return 12:00:00 Eastern of *day*, the time of what has a date only; in UTC."""
    return datetime.combine(day, _NOON, EASTERN).astimezone(UTC)


def midnight(day: date) -> datetime:
    """Return the start of *day* on the Eastern clock; in UTC."""
    return datetime.combine(day, time(), EASTERN).astimezone(UTC)


def as_answered(instant: datetime | None) -> str | None:
    """Return *instant* in ISO 8601, Eastern, with milliseconds and numeric offset."""
    if instant is None:
        return None
    return instant.astimezone(EASTERN).isoformat(timespec="milliseconds")


def as_utc(instant: datetime) -> str:
    """Return *instant* in ISO 8601, UTC, whole seconds, with ``Z``: for comments."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def parse_moment(text: str, assumptions: Assumptions) -> datetime:
    """
    Return the instant that *text* means, in UTC.

    Not on the Eastern clock: two times of one zone are compared, and subtracted, by
    what the clock shows, which is wrong in the hour that an autumn night has twice.

    Raises:
        ValueError: if it is no date, or an assumption refuses its form.
    """
    text = text.strip()
    if _DOCUMENTED.fullmatch(text):
        moment = datetime.fromisoformat(text)
    else:
        moment = _parse_leniently(text, assumptions)
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError(f"not a time on every clock: {text!r}")
    if assumptions.subseconds == "truncated":
        moment = moment.replace(microsecond=0)
    return moment.astimezone(UTC)


def _parse_leniently(text: str, assumptions: Assumptions) -> datetime:
    """Return the instant in a form of the generic format, or raise ValueError."""
    found = _LENIENT.fullmatch(text)
    if found is None or (found["sep"] == "" and len(found["m1"] + found["d1"]) != 4):  # noqa: PLR2004
        raise ValueError(f"no datetime: {text!r}")
    year, month, day = (
        int(found[f"{part}1"] or found[f"{part}2"]) for part in ("y", "m", "d")
    )
    moment = datetime(year, month, day)  # noqa: DTZ001 (its zone follows)
    if found["H"] is None:
        return noon(moment.date())
    fraction = (found["f"] or "").ljust(6, "0")[:6]
    moment = moment.replace(
        hour=int(found["H"]),
        minute=int(found["M"]),
        second=int(found["S"] or 0),
        microsecond=int(fraction),
    )
    return _placed(moment, found["offset"], assumptions)


def _placed(moment: datetime, offset: str | None, assumptions: Assumptions) -> datetime:
    """Give *moment* the zone that *offset* says, or that is assumed without one."""
    if offset is None:
        zone = assumptions.naive_datetimes
    elif offset == "Z":
        zone = {"honored": "utc"}.get(assumptions.utc_text, assumptions.utc_text)
    else:
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        shift = timedelta(hours=hours, minutes=minutes)
        return moment.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))
    if zone == "refused":
        raise ValueError("a datetime needs a numeric offset")
    return moment.replace(tzinfo=UTC if zone == "utc" else EASTERN)


def parse_query_date(text: str) -> date:
    """Return the day of ``mm/dd/yyyy``. Raises ValueError for anything else."""
    found = _QUERY_DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"no date in the form mm/dd/yyyy: {text!r}")
    return date(int(found[3]), int(found[1]), int(found[2]))


def parse_body_date(value: object) -> date:
    """Return the day of ``yyyy-mm-dd``. Raises ValueError for anything else."""
    if not isinstance(value, str) or not _BODY_DATE.fullmatch(value):
        raise ValueError(f"no date in the form yyyy-mm-dd: {value!r}")
    return date.fromisoformat(value)

"""The fields of a host's trade, whatever it is made of."""

import sqlite3
from collections import UserDict, namedtuple
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.model.fields import field_of, has_exit

MOMENT = "2026-03-05T16:45:09.750000"


def sqlite_row(**facts: object) -> sqlite3.Row:
    """Return a row of a database, which has keys and is no mapping."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        names = ", ".join(f"? AS {name}" for name in facts)
        values = [v if v is None else str(v) for v in facts.values()]
        row: sqlite3.Row = database.execute(f"SELECT {names}", values).fetchone()
    return row


MAKES = [
    pytest.param(sqlite_row, id="database row"),
    pytest.param(SimpleNamespace, id="object"),
    pytest.param(dict, id="dict"),
    pytest.param(lambda **facts: UserDict(facts), id="mapping"),
    pytest.param(
        lambda **facts: namedtuple("Trade", facts)(**facts),  # noqa: PYI024
        id="named-tuple",
    ),
]


@pytest.mark.parametrize("make", MAKES)
def test_field_is_an_attribute_or_a_key(make: Any) -> None:
    """What is not there is None, as in a trade of an older host."""
    trade = make(id="t1", exit_timestamp=None)

    assert field_of(trade, "id") == "t1"
    assert field_of(trade, "commission") is None


def test_methods_of_a_mapping_are_no_fields() -> None:
    """A dictionary has attributes of its own, which say nothing of the trade."""
    assert field_of({}, "items") is None


def test_field_that_raises_is_none() -> None:
    """No single trade of a host can hold up the others."""

    class Broken:
        @property
        def exit_timestamp(self) -> str:
            raise RuntimeError("not now")

    assert field_of(Broken(), "exit_timestamp") is None
    assert not has_exit(Broken())


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="none"),
        pytest.param(float("nan"), id="nan"),
        pytest.param(Decimal("NaN"), id="decimal-nan"),
        pytest.param("", id="empty"),
        pytest.param(" \t", id="blank"),
        pytest.param("NaT", id="text-of-nat"),
        pytest.param("nan", id="text-of-nan"),
        pytest.param("<NA>", id="text-of-na"),
        pytest.param("None", id="text-of-none"),
    ],
)
def test_trade_without_a_time_of_exit_is_open(make: Any, value: object) -> None:
    """However its host writes that there is none."""
    assert not has_exit(make(id="t1", exit_timestamp=value))
    assert not has_exit(make(id="t1"))


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(MOMENT, id="text"),
        pytest.param(datetime(2026, 3, 5, tzinfo=UTC), id="datetime"),
        pytest.param("tomorrow", id="no-time"),
        pytest.param(0, id="zero"),
    ],
)
def test_trade_with_a_time_of_exit_is_closed(make: Any, value: object) -> None:
    """Also one that makes no sense: a person then reads what is wrong with it."""
    assert has_exit(make(id="t1", exit_timestamp=value))


def test_missing_values_of_data_frames_are_none() -> None:
    """NaT and NA of pandas and numpy, in rows of either kind."""
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    for value in (pandas.NaT, pandas.NA, numpy.nan, numpy.datetime64("NaT")):
        assert not has_exit({"exit_timestamp": value})
    times = [pandas.Timestamp(MOMENT), None]
    frame = pandas.DataFrame({"id": ["t1", "t2"], "exit_timestamp": times})

    assert [has_exit(row) for row in frame.itertuples()] == [True, False]
    assert [has_exit(row) for _, row in frame.iterrows()] == [True, False]

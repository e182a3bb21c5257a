"""JSON with decimal numbers."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.sandbox.jsontext import plain, read, write


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.00", "1"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("-0.00", "0"),
        ("-0.020", "-0.02"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    ],
)
def test_numbers_are_plain_digits(number: str, text: str) -> None:
    """No exponent, no trailing zero, no minus zero."""
    assert plain(Decimal(number)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8))
def test_a_number_is_read_as_what_it_was_written(number: Decimal) -> None:
    """Writing and reading is exact."""
    assert read(f"[{plain(number)}]") in ([number], [int(number)])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=25, deadline=None)
@given(values)
def test_what_is_written_is_json(value: object) -> None:
    """The standard library reads the same."""
    assert json.loads(write(value)) == value


def test_floats_are_refused() -> None:
    """Binary noise cannot get out."""
    with pytest.raises(TypeError, match="no JSON for float"):
        write({"price": 0.1})


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "[", ""])
def test_what_is_no_json_is_refused(text: str) -> None:
    """Also what Python alone takes for JSON."""
    with pytest.raises(ValueError, match=r".*"):
        read(text)

"""
What the sandbox assumes where Tradervue's documentation is silent.

Each field is one named assumption with its default, its alternatives and its meaning.
A client that is right under every variant need not care what the real service does.
Switch them with ``--assume NAME=VALUE``, with ``PUT /_sandbox/assumptions``, or with
``sandbox.assume(name=value)``.
"""
# ruff: noqa: RUF009 (`_assume` declares a field, as `dataclasses.field` does)

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

T = TypeVar("T")


def _assume(default: T, meaning: str, *others: T) -> T:
    """Declare an assumption; with *others* given, only they and *default* will do."""
    choices = (default, *others) if others else ()
    return field(default=default, metadata={"meaning": meaning, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """The choices in force. Immutable: a switch makes a new one (see `switched`)."""

    # What an execution row may look like
    fractional_quantities: str = _assume(
        "accepted", "a quantity with decimals, in an import", "refused"
    )
    negative_prices: str = _assume(
        "refused",
        "a price below zero, in an import (zero is always accepted)",
        "accepted",
    )
    negative_commissions: str = _assume(
        "accepted",
        "a commission below zero (a rebate), in an import: a number like any other, or "
        "the row is a bad one",
        "refused",
    )
    subseconds: str = _assume(
        "truncated", "the part of a second in an execution's datetime", "kept"
    )
    naive_datetimes: str = _assume(
        "eastern",
        "a datetime without an offset is read in this zone, or refused",
        "utc",
        "refused",
    )
    utc_text: str = _assume(
        "honored",
        "a datetime ending in Z is the instant it says, or is taken for Eastern wall "
        "time (two clients in the field behave as if), or is refused",
        "eastern",
        "refused",
    )
    missing_datetime: str = _assume(
        "refused",
        "a row without datetime fails, or happened at noon of the import",
        "noon",
    )
    symbol_case: str = _assume(
        "upper", "symbols are put into capitals, or kept as they come", "kept"
    )
    crypto_pairs: str = _assume(
        "stock",
        "six letters of which one half is no currency (BTCUSD) are a stock, or forex",
        "forex",
    )

    # The import as a whole
    bad_row: str = _assume(
        "rejects_all",
        "what a bad row does to its import, which fails in any case: nothing is "
        "stored, or the rows before it, or all others",
        "keeps_earlier",
        "keeps_others",
    )
    bad_row_text: str = _assume(
        "at least one data row had",
        "how the error description of a bad row begins; what it has follows",
    )
    exec_count: str = _assume(
        "stored", "info.exec_count counts what was stored, or every row", "handled"
    )
    import_limit: int = _assume(
        0, "executions above this number in one import are refused (0: no limit)"
    )
    busy_check: str = _assume(
        "first", "424 comes before or after the shape of the request is judged", "last"
    )
    refused_post_clears: str = _assume(
        "no", "a POST refused with 4xx clears the unread result too", "yes"
    )
    no_executions_status: int = _assume(400, "status of 'no executions'", 422)
    invalid_request_status: int = _assume(400, "status of 'Invalid request'", 422)
    untyped_body: str = _assume(
        "ignored", "a body without a Content-Type of JSON (or form)", "parsed"
    )
    read_delay_seconds: Decimal = _assume(
        Decimal(0), "how long after 'succeeded' reads still show the journal as it was"
    )
    read_delay_form: str = _assume(
        "replica",
        "what lags in that time: reads as a whole, what a person does on the web "
        "included, until no import has finished for so long; or each import by itself, "
        "which later imports do not extend and all other changes do not wait for. What "
        "the API changes is shown at once in both",
        "each_import",
    )

    # Duplicates
    duplicate_precision: str = _assume(
        "second",
        "times are equal, for finding duplicates, to the second, minute, day, or to "
        "the instant as stored",
        "minute",
        "day",
        "instant",
    )
    duplicate_scope: str = _assume(
        "global",
        "duplicates are looked for everywhere, or under one account tag",
        "account_tag",
    )
    twins_in_one_import: str = _assume(
        "duplicate", "the second of two equal rows of one import", "kept"
    )
    deleted_executions: str = _assume(
        "forgotten",
        "an execution deleted from the journal can be imported again, or "
        "still counts as known",
        "remembered",
    )

    # From executions to trades
    regroup_seconds: int = _assume(
        900, "a flat trade re-entered on the same side within this time goes on"
    )
    merge_mode: str = _assume(
        "normal",
        "a user's setting: trades end when flat (force_split), or go on however late "
        "(force_merge)",
        "force_split",
        "force_merge",
    )
    late_executions: str = _assume(
        "regroup",
        "executions older than what is there: the trades from then on are grouped "
        "anew, or the open (or last) trade takes them",
        "append",
    )
    account_tag_matching: str = _assume(
        "strict",
        "positions under different account tags never meet, or an execution that finds "
        "none open under its own goes to one that is (lenient)",
        "lenient",
    )
    merged_account_tag: str = _assume(
        "first",
        "the account tag of a trade that a person merged from trades of several: that "
        "of the earliest with one, the others stay on it as ordinary tags (first); all "
        "of them (kept); none, and they are gone from its tags. An execution under any "
        "other account tag opens a trade of its own. What a person makes of the tags "
        "afterwards counts: the last one left on it is its account tag",
        "kept",
        "none",
    )
    flip_fees: str = _assume(
        "proportional",
        "fees of an execution that crosses zero: split by quantity, or "
        "all on the closing trade",
        "closing",
    )
    entry_price: str = _assume(
        "first", "a trade's entry_price: of its first entry, or the average", "average"
    )
    exit_price: str = _assume(
        "last",
        "a closed trade's exit_price: of its last exit, or the average",
        "average",
    )
    option_multiplier: int = _assume(
        100, "P&L of an option contract per point (10 for a mini contract)"
    )
    futures_multipliers: str = _assume(
        "known",
        "P&L per point of futures: of a table of known roots, or always 1",
        "one",
    )
    forex_lot: int = _assume(1, "units that a forex quantity of 1 stands for")

    # Plans
    plan: str = _assume("gold", "plan of a login, unless set for it", "silver", "free")
    quota: int = _assume(
        100, "trades a calendar month on the free plan (old help: 100, newer texts: 30)"
    )
    overquota_unit: str = _assume(
        "executions", "what info.overquota_count counts", "trades"
    )
    account_tag_on_free: str = _assume(
        "ignored",
        "an account tag on a plan without them: ignored, or the import fails, or it "
        "becomes an ordinary tag",
        "failed",
        "tag",
    )
    account_tag_refusal: str = _assume(
        "Account tags need a silver or gold subscription",
        "the error description of an import that fails for its account tag",
    )
    commission_below_gold: str = _assume(
        "ignored", "commission and fees on a plan without them", "kept"
    )

    # A user's settings
    default_commissions: str = _assume(
        "applied",
        "the commission that a user's settings name for an execution that came without "
        "one: applied, or none is",
        "ignored",
    )
    notes_template: str = _assume("", "the user's default notes template")
    import_notes: str = _assume(
        "template", "notes of an imported trade: the template, or empty", "empty"
    )
    default_initial_risk: Decimal | None = _assume(
        None, "the user's default risk, put on trades imported afterwards"
    )

    # Reading and changing the journal
    count_above_100: str = _assume(
        "capped", "a count above 100 in a listing", "refused"
    )
    bad_filters: str = _assume(
        "ignored", "a query value that cannot be understood", "refused"
    )
    tag_filter: str = _assume(
        "ignored", "the filter 'tag', documented until 2025-07-28", "works"
    )
    side_text: str = _assume(
        "words", "a trade's side reads long and short, or L and S", "letters"
    )
    native_values: str = _assume(
        "usd",
        "native_pl and native_currency of a closed trade: its gross P&L and USD, as in "
        "every documented sample, or null",
        "null",
    )
    absent_values: str = _assume(
        "null", "members without a value: null, or left out", "missing"
    )
    option_symbol: str = _assume(
        "underlying", "symbol of an option execution read back", "contract"
    )
    line_ends: str = _assume("crlf", "line ends of notes on the way out", "kept")
    tags_put: str = _assume(
        "replace", "tags in a PUT replace the list, or are added to it", "add"
    )
    delete_status: int = _assume(200, "status of a successful DELETE", 204)
    journal_days: str = _assume(
        "automatic",
        "a day on which trades were completed has an entry by itself, or "
        "only when somebody wrote one",
        "explicit",
    )
    second_journal_entry: str = _assume(
        "refused",
        "POST of an entry for a date that has one: 400, or it is replaced",
        "replaced",
    )

    # At the door
    user_agent: str = _assume(
        "any",
        "a User-Agent without link or address in parentheses is good enough, or "
        "400 too",
        "contact",
    )
    refusal_bodies: str = _assume(
        "json",
        "bodies of 400 without User-Agent, 401, 403, 404 and 405",
        "text",
        "empty",
    )

    def __post_init__(self) -> None:
        """Refuse what no choice allows, so that a typing error cannot pass."""
        for each in fields(self):
            _check(each.name, each.metadata["choices"], getattr(self, each.name))

    def switched(self, changes: Mapping[str, object]) -> "Assumptions":
        """
        Return these assumptions with *changes* made; values may be text.

        Raises:
            ValueError: for a name or a value that does not exist, saying which do.
        """
        return replace(self, **{k: _read(k, v) for k, v in changes.items()})

    def as_mapping(self) -> dict[str, object]:
        """Return name and value of each."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def described() -> Iterator[tuple[str, object, tuple[object, ...], str]]:
    """Yield name, default, choices (may be empty) and meaning of each assumption."""
    for each in fields(Assumptions):
        yield (
            each.name,
            each.default,
            each.metadata["choices"],
            each.metadata["meaning"],
        )


_KINDS: Final[dict[str, type]] = {
    each.name: type(each.default) for each in fields(Assumptions)
}
_MOST: Final = 10**12
_OPTIONAL_NUMBERS: Final = frozenset({"default_initial_risk"})


def _check(name: str, choices: tuple[object, ...], value: object) -> None:
    """Raise ValueError unless *value* is one of *choices*, or a number from 0."""
    if choices:
        if value not in choices or isinstance(value, bool):
            known = ", ".join(str(choice) for choice in choices)
            raise ValueError(f"assumption {name}={value} is none of: {known}")
    elif isinstance(value, int | Decimal):
        if value < 0:
            raise ValueError(f"assumption {name}={value} is below zero")
        if value > _MOST:
            raise ValueError(f"assumption {name}={value} is above {_MOST}")


def _number(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("no finite number")
    return number


def _read(name: str, value: object) -> Any:
    """Turn *value* into the type that the assumption *name* has."""
    if name not in _KINDS:
        known = ", ".join(sorted(_KINDS))
        raise ValueError(f"no assumption is called {name!r}; there are: {known}")
    kind = _KINDS[name]
    try:
        if name in _OPTIONAL_NUMBERS:
            empty = value is None or str(value).strip().lower() in {"", "none", "null"}
            return None if empty else _number(value)
        if kind is Decimal:
            return _number(value)
        return kind(str(value))
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"assumption {name}={value} is not a number") from error

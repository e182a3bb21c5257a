"""What the outbox's queries select, and the values made of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Any, Final, Generic, Protocol, TypeVar, get_args

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.outbox.records import Row

T = TypeVar("T")
V = TypeVar("V", bound=attrs.AttrsInstance)


NEVER: Final = 9e15  # Unix seconds; when that is due which was given up, or is held


class Connection(Protocol):
    """What we use of a database connection."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters."""


def in_order(row: Row) -> tuple[Any, ...]:
    """Return by what the executions of an import are sorted, here and in SQL."""
    return row.execution and row.execution.executed_at, row.kind, row.seq


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield *values* in lists that a statement takes as parameters."""
    rest = list(values)
    for start in range(0, len(rest), 400):
        yield rest[start : start + 400]


def placeholders(values: Iterable[object]) -> str:
    """Return as many question marks as there are *values*."""
    return ",".join("?" for _ in values)


def from_epoch(seconds: int) -> datetime:
    """Return the aware time (UTC) of a stored one."""
    return datetime.fromtimestamp(seconds, UTC)


def to_epoch(moment: datetime) -> int:
    """Return how *moment* is stored: in whole seconds."""
    return int(moment.timestamp())


# How what no database has a type for is kept, and how it is read again.
KEPT: Final[Mapping[type, Callable[[Any], Any]]] = {
    Decimal: "{:f}".format,
    date: date.isoformat,
    datetime: to_epoch,
}
READ: Final[Mapping[type, Callable[[Any], Any]]] = {
    Decimal: Decimal,
    bool: bool,
    date: date.fromisoformat,
    datetime: from_epoch,
}


class Shape(Generic[V]):
    """
    How the values of an attrs class are kept: a column for each field, in their order.

    *columns* are those that have another name than their field, or the SQL that
    computes them; *but* are fields that are not kept, and *read* makes a field of what
    was kept where its type does not say how. :attr:`value` makes a value of the columns
    in their order, and of the fields that are not kept, by name.
    """

    def __init__(
        self,
        cls: type[V],
        *,
        but: Collection[str] = (),
        columns: Mapping[str, str] = MappingProxyType({}),
        read: Mapping[str, Callable[[Any], Any]] = MappingProxyType({}),
    ) -> None:
        kinds = {f.name: kind_of(f.type) for f in attrs.fields(cls)}
        self.names = [name for name in kinds if name not in but]
        self.columns = [columns.get(name, name) for name in self.names]
        self.sql = ", ".join(self.columns)
        self._kept = [(n, KEPT[kinds[n]]) for n in self.names if kinds[n] in KEPT]
        readers = {name: reader_of(kinds[name]) for name in self.names} | dict(read)
        self.value = maker(cls, readers)

    def of(self, alias: str) -> str:
        """Return the columns of the table that a query names *alias*."""
        return ", ".join(f"{alias}.{column}" for column in self.columns)

    def values(self, rows: Iterable[Sequence[Any]]) -> list[V]:
        """Return the values that were kept as *rows*."""
        return [self.value(*row) for row in rows]

    def row(self, value: V) -> dict[str, Any]:
        """Return how *value* is kept, by field."""
        row = {name: getattr(value, name) for name in self.names}
        for name, kept in self._kept:
            if row[name] is not None:
                row[name] = kept(row[name])
        return row


def maker(
    cls: type[V], readers: Mapping[str, Callable[[Any], Any] | None]
) -> Callable[..., V]:
    """
    Return a function of the columns that makes a *cls*; None stays None.

    Its source is put together, as attrs does it for a class: the outbox makes a dozen
    values for each trade, and a loop over the fields costs half as much again.
    """
    fields = [
        f"{n}={n} if {n} is None else read_{n}({n})" if reader else f"{n}={n}"
        for n, reader in readers.items()
    ]
    source = f"lambda {', '.join(readers)}, **more: cls({', '.join(fields)}, **more)"
    names = {"cls": cls, **{f"read_{n}": reader for n, reader in readers.items()}}
    made: Callable[..., V] = eval(source, names)  # noqa: S307 - of our own fields' names
    return made


def kind_of(annotation: Any) -> Any:
    """Return the type of a field, which may be None as well."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if kinds else annotation


def reader_of(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes a *kind* of value of what a database has, None: nothing."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        # Looked up here, a member takes a fraction of the time that its class takes.
        return {member.value: member for member in kind}.__getitem__
    return READ.get(kind)


def upsert(table: str, keys: Sequence[str], rest: Sequence[str]) -> str:
    """Return the statement that puts a row in place of the one with the same *keys*."""
    columns = [*keys, *rest]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"VALUES ({', '.join(f':{column}' for column in columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced(rest)}"
    )


def replaced(columns: Iterable[str]) -> str:
    """Return what an upsert sets: *columns*, as they would have been inserted."""
    return ", ".join(f"{column} = excluded.{column}" for column in columns)


ACCOUNT: Final = Shape(Account)
STAMP: Final = f"SELECT {ACCOUNT.sql} FROM account"
STATE: Final = Shape(Row, but={"execution"})
EXECUTION: Final = Shape(
    Execution, read={"quantity": lambda text: Decimal(text).normalize()}
)
ROW: Final = f"{STATE.of('x')}, {EXECUTION.of('x')}"
FILLED: Final = len(STATE.names)  # where an execution begins
SYMBOL: Final = FILLED + EXECUTION.names.index("symbol")


def as_row(values: Sequence[Any]) -> Row:
    """Return what :data:`ROW` selected."""
    execution = None if values[SYMBOL] is None else EXECUTION.value(*values[FILLED:])
    return STATE.value(*values[:FILLED], execution=execution)


def account_in(rows: Iterable[Sequence[Any]]) -> Account | None:
    """Return the account in what :data:`STAMP` selected."""
    return next(iter(ACCOUNT.values(rows)), None)

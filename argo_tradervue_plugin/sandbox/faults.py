"""
What may go wrong between a client and Tradervue, at will.

A fault names what happens, to which requests (method and path, ``*`` for any part), how
many times, and after letting how many pass. Set it with ``--fault``, with ``POST
/_sandbox/faults`` or with ``sandbox.inject(name, ...)``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import count
from typing import Final

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: what happens, what it can be told, and what it matches."""

    meaning: str
    parameters: Mapping[str, tuple[Value, str]] = field(default_factory=dict)
    method: str = "*"
    path: str = "*"
    times: int | None = 1


_WHEN: Final = ("before", "'before' or 'after' the request has had its effect")

KINDS: Final[Mapping[str, Kind]] = {
    "latency": Kind(
        "the answer comes late, the request is processed after the wait",
        {"seconds": (1.0, "how long to wait")},
    ),
    "server_error": Kind(
        "an error status instead of the answer",
        {
            "status": (503, "which, from 400 to 599"),
            "retry_after": (None, "seconds in a Retry-After header"),
            "when": _WHEN,
        },
    ),
    "rate_limit": Kind(
        "429, the request is not processed",
        {
            "retry_after": (
                None,
                "seconds in a Retry-After header, left out if not set",
            ),
            "form": ("seconds", "'seconds', or 'date' for an HTTP date"),
        },
    ),
    "unauthorized": Kind("401, as if the password had been changed"),
    "redirect": Kind(
        "a redirect to another host, the request is not processed",
        {
            "status": (301, "which, from 301 to 308"),
            "location": ("https://www.tradervue.com", "host to put before the path"),
        },
    ),
    "reset_before": Kind("the connection is reset, the request is not processed"),
    "reset_after": Kind("the request is processed, then the connection is reset"),
    "hang": Kind(
        "no answer",
        {
            "seconds": (None, "then the connection closes; for ever if not set"),
            "when": _WHEN,
        },
    ),
    "truncated_json": Kind(
        "the first half of the answer",
        {
            "announced": (
                "half",
                "length: of the half, so that only the JSON is cut, or of all",
            )
        },
    ),
    "malformed_json": Kind("an answer that is no JSON, after processing"),
    "html_page": Kind(
        "an HTML page, as proxies and maintenance show it",
        {"status": (502, "its status, from 200 to 599"), "when": _WHEN},
    ),
    "import_failure": Kind(
        "the import fails on a row",
        {
            "row": (1, "1-based"),
            "numbered": ("yes", "'yes', or 'no': without error_execnumber"),
            "reason": ("an invalid quantity", "what it has, in the description"),
        },
        method="POST",
        path="/imports",
    ),
    "import_stuck": Kind(
        "the import never finishes, until faults are cleared or it is advanced by hand",
        method="POST",
        path="/imports",
    ),
    "import_busy": Kind(
        "424, as while somebody else's import with the same login runs",
        method="POST",
        path="/imports",
    ),
    "status_stolen": Kind(
        "another client read the result of the import first: ready",
        method="GET",
        path="/imports",
    ),
    "clock_skew": Kind(
        "Tradervue's clock is wrong: Date header, import dates, creation times",
        {"seconds": (300.0, "how far ahead it is, may be negative")},
        times=None,
    ),
}


@dataclass(eq=False)
class Fault:
    """A fault in force. *times* None: unlimited. *skip*: requests to let pass first."""

    name: str
    method: str
    path: str
    times: int | None
    skip: int
    parameters: dict[str, Value]
    id: int = 0
    applied: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has been applied as often as it may."""
        return self.times is not None and self.applied >= self.times

    def matches(self, method: str, path: str) -> bool:
        """Tell whether it is about *method* on *path* (after ``/api/v1``)."""
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)

    def use(self) -> None:
        """Count that it was applied."""
        self.applied += 1

    def seconds(self) -> float:
        """Return the parameter of that name."""
        return float(self.parameters["seconds"] or 0)

    def status(self) -> int:
        """Return the parameter of that name."""
        return int(self.parameters["status"] or 0)

    def described(self) -> dict[str, object]:
        """Return it as ``GET /_sandbox/faults`` shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "method": self.method,
            "path": self.path,
            "times": self.times,
            "skip": self.skip,
            "applied": self.applied,
            "parameters": {k: _shown(v) for k, v in self.parameters.items()},
        }


class Faults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._faults: list[Fault] = []
        self.applied: dict[str, int] = {}

    def __iter__(self) -> Iterator[Fault]:
        """Yield those in force."""
        return iter(list(self._faults))

    def add(self, fault: Fault) -> Fault:
        """Put *fault* in force."""
        fault.id = next(self._ids)
        self._faults.append(fault)
        return fault

    def due(self, method: str, path: str) -> dict[str, Fault]:
        """
        Return by name the faults that a request meets, not yet counted as applied.

        The oldest of each name; each call is one request that those with *skip* left
        let pass.
        """
        if not self._faults:
            return {}
        met: dict[str, Fault] = {}
        for fault in self._faults:
            if fault.name in met or not fault.matches(method, path):
                continue
            if fault.skip:
                fault.skip -= 1
            else:
                met[fault.name] = fault
        return met

    def use(self, fault: Fault) -> None:
        """Count *fault* as applied, and let go of it when it is spent."""
        fault.use()
        self.applied[fault.name] = self.applied.get(fault.name, 0) + 1
        if fault.is_spent and fault in self._faults:
            self._faults.remove(fault)

    def remove(self, fault_id: int) -> bool:
        """Let go of one fault; tell whether it was in force."""
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault.id != fault_id]
        return len(self._faults) < before

    def clear(self) -> None:
        """Let go of all."""
        self._faults = []


def fault(name: str, **told: object) -> Fault:
    """
    Return the fault *name* with *told*: method, path, times, skip and its parameters.

    *times* None, 0 or ``unlimited`` is without limit. Values may be text.

    Raises:
        ValueError: for a name, parameter or value that does not exist.
    """
    if name not in KINDS:
        raise ValueError(f"no fault is called {name!r}; there are: {', '.join(KINDS)}")
    kind = KINDS[name]
    method = str(told.pop("method", kind.method)).upper()
    path = str(told.pop("path", kind.path))
    times = _times(told.pop("times", kind.times), name)
    skip = _number(told.pop("skip", 0), name, "skip")
    parameters: dict[str, Value] = {k: v[0] for k, v in kind.parameters.items()}
    for key, value in told.items():
        if key not in parameters:
            known = ", ".join((*parameters, "method", "path", "times", "skip"))
            raise ValueError(f"fault {name} has no {key!r}; it has: {known}")
        parameters[key] = _parameter(name, key, value)
    return Fault(name, method, path, times, skip, parameters)


def parse_fault(text: str) -> Fault:
    """Return the fault that ``NAME[:key=value,...]`` says. Raises ValueError."""
    name, _, rest = text.partition(":")
    told = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"fault {name}: {pair!r} is not key=value")
        told[key.strip()] = value.strip()
    return fault(name.strip(), **told)


_STATUSES: Final = {
    "server_error": (400, 599),
    "html_page": (200, 599),
    "redirect": (301, 308),
}
_WORDS: Final = {
    "when": ("before", "after"),
    "form": ("seconds", "date"),
    "announced": ("half", "all"),
    "numbered": ("yes", "no"),
}


_MOST: Final = 10**9  # seconds


def _parameter(name: str, key: str, value: object) -> Value:
    """Return *value* as the parameter *key* of the fault *name* has it."""
    if key in _WORDS:
        if value not in _WORDS[key]:
            raise ValueError(f"fault {name}: {key} is one of {', '.join(_WORDS[key])}")
        return str(value)
    if key in {"reason", "location"}:
        return str(value)
    if key in {"status", "row"}:
        number = _number(value, name, key)
        low, high = _STATUSES.get(name, (0, number)) if key == "status" else (0, number)
        if not low <= number <= high:
            raise ValueError(f"fault {name}: {key} is from {low} to {high}")
        return number
    if value in (None, "", "none"):
        return None
    try:
        amount = float(str(value))
    except ValueError as error:
        raise ValueError(f"fault {name}: {key}={value} is no number") from error
    if not abs(amount) <= _MOST:  # asked this way, so that NaN is refused too
        raise ValueError(f"fault {name}: {key}={value} is more than {_MOST}")
    return amount


def _times(value: object, name: str) -> int | None:
    if value in (None, 0, "0", "unlimited", "none", ""):
        return None
    return _number(value, name, "times")


def _number(value: object, name: str, key: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise ValueError(f"fault {name}: {key}={value} is no whole number") from error
    if number < 0:
        raise ValueError(f"fault {name}: {key}={value} is below zero")
    return number


def _shown(value: Value) -> object:
    """Return *value* without a float, which the JSON of the sandbox has none of."""
    return Decimal(str(value)) if isinstance(value, float) else value

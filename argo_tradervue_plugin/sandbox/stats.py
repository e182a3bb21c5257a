"""What a sandbox has seen, for tests and for the curious."""

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .booking import Order

_ID: Final = re.compile(r"/\d+(?=/|$)")
# Enough for a long test, little enough for a sandbox that runs for weeks.
_LATEST: Final = 10_000


def template_of(path: str) -> str:
    """Return *path* with ``{id}`` in the place of numbers."""
    return _ID.sub("/{id}", path)


@dataclass
class Stats:
    """Counts since the start or the last reset."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    imports: deque[Mapping[str, object]] = field(
        default_factory=lambda: deque(maxlen=_LATEST)
    )
    import_count: int = 0
    execution_count: int = 0
    in_flight: int = 0
    most_in_flight: int = 0

    def begin(self, method: str, path: str) -> None:
        """Count a request to *path*, after ``/api/v1``."""
        self.requests[f"{method} {template_of(path)}"] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def end(self, status: int | None) -> None:
        """Count the end of a request; *status* None: it got no answer."""
        self.in_flight -= 1
        self.statuses["none" if status is None else str(status)] += 1

    def note_import(self, login: str, order: Order) -> None:
        """Note an import that was queued."""
        self.import_count += 1
        self.execution_count += len(order.rows)
        order.log.update(
            login=login,
            received_at=order.received_at.isoformat(),
            executions=len(order.rows),
            account_tag=order.account_tag,
            tags=list(order.tags),
            allow_duplicates=order.allow_duplicates,
            overlay_commissions=order.overlay_commissions,
            # The outcome takes the place of these once the import has finished.
            status="queued",
            info=None,
        )
        self.imports.append(order.log)

    def described(self) -> dict[str, object]:
        """Return it as ``GET /_sandbox/stats`` shows it."""
        return {
            "total": sum(self.requests.values()),
            "requests": dict(sorted(self.requests.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "import_count": self.import_count,
            "execution_count": self.execution_count,
            "imports": list(self.imports),
        }

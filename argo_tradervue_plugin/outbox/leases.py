"""The lease: who forwards, and for how long."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from argo_tradervue_plugin.outbox.conditions import Conditions
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.rows import Shape

__all__ = ["LONGEST_LEASE", "Leases"]

LEASE: Final = Shape(Lease)

# Seconds that a lease lasts at most, and as many as the clocks of two machines differ:
# twice the longest time-out that may be set, and a little.
LONGEST_LEASE: Final = 2 * 120.0 + 10 + 30


class Leases(Conditions):
    """Takes the lease, keeps it, and gives it back."""

    _watched: tuple[Lease, list[float], float] | None = None

    def _lease(self) -> Lease | None:
        row = self._one(f"SELECT {LEASE.sql} FROM lease WHERE token > 0")
        return row and LEASE.value(*row)

    def lease_free_at(self) -> float:
        """Return when the present lease expires, 0 if there is none."""
        lease = self._lease()
        return lease.expires_at if lease else 0.0

    def lease_holder(self) -> str | None:
        """Return who took the lease last, None: no process ever did."""
        lease = self._lease()
        return lease.holder if lease else None

    def claim(
        self, holder: str, *, now: float, ttl: float, is_gone: Callable[[str], bool]
    ) -> Lease | None:
        """
        Take the lease if it is free, expired or ours, or if its holder *is_gone*.

        Returns None while somebody else holds it.
        """
        standing = self._lease()
        if (
            standing is not None
            and standing.holder != holder
            and not self._is_over(standing, now, ttl)
            and not is_gone(standing.holder)
        ):
            return None
        token = 1 if standing is None else standing.token + 1
        with self.engine.begin() as connection:
            changed = connection.execute(
                "INSERT INTO lease VALUES ('forward', ?, ?, ?) ON CONFLICT (name) "
                "DO UPDATE SET holder = excluded.holder, token = excluded.token, "
                "expires_at = excluded.expires_at "
                "WHERE lease.token = excluded.token - 1 RETURNING token",
                (holder, token, now + ttl),
            ).fetchall()
        if not changed:  # another process was a moment faster
            return None
        return Lease(holder=holder, token=token, expires_at=now + ttl)

    def _is_over(self, lease: Lease, now: float, ttl: float) -> bool:
        """
        Tell whether *lease* has run out.

        One that ends further ahead than any can last was taken by a clock that was
        ahead, or this one was set back: it is over after *ttl* seconds without a sign
        of life, by the monotonic clock.
        """
        if now + max(ttl, LONGEST_LEASE) >= lease.expires_at:
            self._watched = None
            return lease.expires_at <= now
        signs = [p.seen_at for p in self.processes() if p.name == lease.holder]
        before = self._watched
        if before is None or before[:2] != (lease, signs):
            self._watched = (lease, signs, monotonic())
            return False
        return monotonic() - before[2] >= ttl

    def renew(self, lease: Lease, *, now: float, ttl: float) -> Lease:
        """
        Keep the lease for *ttl* seconds from *now*.

        Raises:
            LeaseLost: somebody else holds it.
        """
        with self.engine.begin(lease) as connection:
            connection.execute(
                "UPDATE lease SET expires_at = ? WHERE token = ?",
                (now + ttl, lease.token),
            )
        return Lease(holder=lease.holder, token=lease.token, expires_at=now + ttl)

    def release(self, lease: Lease) -> None:
        """Give the lease back; does nothing if it was lost."""
        with self.engine.begin() as connection:
            connection.execute(
                "UPDATE lease SET expires_at = 0 WHERE token = ?", (lease.token,)
            )

"""What holds for the sending as a whole: conditions, logins, processes, pauses."""

from collections.abc import Iterable
from typing import Final

from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import Process, RefusedLogin
from argo_tradervue_plugin.outbox.rows import NEVER, Shape, upsert

__all__ = ["PROCESS", "ConditionChanges", "Conditions"]

PROCESS: Final = Shape(Process)
REFUSED: Final = Shape(RefusedLogin)
CONDITION: Final = upsert("conditions", ["name"], ["facts"])

# Each costs a digest of the present login wherever it is looked for.
MOST_REFUSED: Final = 16
DAY: Final = 86_400.0  # seconds, after which what is over a quota is tried again

# What waits until its time, by table.
WAITING: Final = (
    ("executions", "state = 'recorded' AND coalesce(reason, '') <> 'quota'"),
    ("executions", "state = 'recorded' AND reason = 'quota'"),
    ("trades", "annotate"),
    ("overlays", "due_at > 0"),
    ("resends", "stage <> 'refused'"),
    ("imports", "stage = 'waiting'"),
)


class Conditions(Reading):
    """What holds now, and who said so."""

    def refused_logins(self) -> list[RefusedLogin]:
        """Return the logins that Tradervue has refused and not accepted since."""
        rows = self._all(f"SELECT {REFUSED.sql} FROM refusals ORDER BY digest")
        return REFUSED.values(rows)

    def processes(self) -> list[Process]:
        """Return what each process said last, also those that are gone by now."""
        rows = self._all(f"SELECT {PROCESS.sql} FROM processes ORDER BY name")
        return PROCESS.values(rows)

    def condition(self, name: str) -> str | None:
        """Return what :meth:`Writer.set_condition` keeps."""
        row = self._one("SELECT facts FROM conditions WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def conditions(self) -> dict[str, str]:
        """Return everything that :meth:`Writer.set_condition` keeps, by name."""
        return dict(self._all("SELECT name, facts FROM conditions"))

    def noticed_at(self, code: str) -> float | None:
        """Return when something was last said of the account, None: it never was."""
        row = self._one("SELECT said_at FROM notices WHERE code = ?", (code,))
        return row and float(row[0])


class ConditionChanges(Writing):
    """Sets conditions, and notes what was said."""

    def set_condition(self, name: str, facts: str | None) -> None:
        """Keep what holds for the sending as a whole; None: nothing does any more."""
        if facts is None:
            self._connection.execute("DELETE FROM conditions WHERE name = ?", (name,))
            return
        self._connection.execute(CONDITION, {"name": name, "facts": facts})

    def note_refused_login(self, digest: str, salt: str, *, now: float) -> None:
        """Count a refusal of the login with this digest; the oldest are forgotten."""
        self._connection.execute(
            "INSERT INTO refusals (digest, salt, count, first_at, last_at) "
            "VALUES (?, ?, 1, ?, ?) ON CONFLICT (digest) DO UPDATE SET "
            "count = refusals.count + 1, last_at = excluded.last_at",
            (digest, salt, now, now),
        )
        self._connection.execute(
            "DELETE FROM refusals WHERE digest NOT IN (SELECT digest FROM refusals "
            "ORDER BY last_at DESC LIMIT ?)",
            (MOST_REFUSED,),
        )

    def forget_refused_logins(self, digests: Iterable[str]) -> None:
        """Note that Tradervue accepts a login that it had refused."""
        for digest in digests:
            self._connection.execute("DELETE FROM refusals WHERE digest = ?", (digest,))

    def notice(self, code: str, *, now: float, pause: float) -> bool:
        """
        Note that something was said of the account; False within *pause* seconds of it.

        What is said at most once a day is so for all processes, restarts included.
        """
        said = self._connection.execute(
            "INSERT INTO notices AS n (code, said_at) VALUES (:code, :now) "
            "ON CONFLICT (code) DO UPDATE SET said_at = excluded.said_at "
            # A clock that was set back silences nothing for longer than the pause.
            "WHERE n.said_at <= :now - :pause OR n.said_at > :now RETURNING code",
            {"code": code, "now": now, "pause": pause},
        ).fetchall()
        return bool(said)

    def hasten(self, *, now: float, longest: float, by: float) -> None:
        """
        Have what waits be due *by* seconds earlier, since the clock was set back.

        What would wait for more than *longest* seconds after that, or for a quota for
        more than a day, is due at once: no pause is as long.
        """
        for table, where in WAITING:
            if by:
                self._connection.execute(
                    f"UPDATE {table} SET due_at = due_at - ? "
                    f"WHERE {where} AND due_at > ? AND due_at < ?",
                    (by, now, NEVER),
                )
            self._connection.execute(
                f"UPDATE {table} SET due_at = ? "
                f"WHERE {where} AND due_at > ? AND due_at < ?",
                (now, now + (DAY if "= 'quota'" in where else longest), NEVER),
            )

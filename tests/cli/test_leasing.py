"""Commands that need every forwarder to stand still, and a lease that ends too late."""

import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli import leasing
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.exits import Problem
from argo_tradervue_plugin.cli.leasing import leased
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.status import health_of
from argo_tradervue_plugin.outbox import leases
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox

HOUR: Final = 3600.0
ELSEWHERE: Final = "elsewhere+boot+pid/77/123"  # whether it lives is not to be known


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With time-outs that make a lease 70 seconds long."""
    return Settings(
        enabled=True,
        username="argo",
        password="sandbox",
        database=str(tmp_path / "outbox.db"),
        timeout_seconds=30,
    )


class Holder:
    """A process elsewhere whose clock is hours ahead; it lives, or it ended."""

    def __init__(self, database: str | None) -> None:
        self.outbox = Outbox(Sqlite(Path(str(database))))
        self.outbox.open()
        lease = self.outbox.claim(
            ELSEWHERE,
            now=time.time() + 6 * HOUR,
            ttl=70,
            is_gone=lambda _: False,
        )
        assert lease is not None
        self.lease = lease

    def renew(self) -> None:
        """Give a sign of life."""
        now = self.lease.expires_at - 40
        self.lease = self.outbox.renew(self.lease, now=now, ttl=70)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Seconds pass at once; what is put in here happens in each of them."""
    steady = [1000.0]
    happening: list[Callable[[], None]] = []

    def sleep(seconds: float) -> None:
        steady[0] += seconds
        for each in happening:
            each()

    monkeypatch.setattr(leases, "monotonic", lambda: steady[0])
    monkeypatch.setattr(leasing, "monotonic", lambda: steady[0])
    monkeypatch.setattr(leasing, "sleep", sleep)
    return happening


def test_lease_of_a_clock_that_was_ahead_is_waited_for_no_longer_than_one_lasts(
    settings: Settings,
    passing: list[Callable[[], None]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And whoever waits is told why."""
    with closing(Holder(settings.database).outbox):
        pass
    waited = 0

    def count() -> None:
        nonlocal waited
        waited += 1

    passing.append(count)
    with (
        closing(Outbox(Sqlite(Path(str(settings.database))))) as store,
        leased(store, settings, "test") as lease,
    ):
        assert lease.expires_at - time.time() <= leases.LONGEST_LEASE - 29
    assert waited == 70
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "The lease of process 77 on elsewhere ends later than any can" in said


def test_holder_that_gives_signs_of_life_forwards(
    settings: Settings, passing: list[Callable[[], None]]
) -> None:
    """However wrong its clock is."""
    holder = Holder(settings.database)
    passing.append(holder.renew)
    with (
        closing(holder.outbox),
        closing(Outbox(Sqlite(Path(str(settings.database))))) as store,
        pytest.raises(Problem, match="forwarded by process 77 on elsewhere now"),
        leased(store, settings, "test"),
    ):
        pass


def test_lease_that_can_be_is_not_waited_for(
    settings: Settings, passing: list[Callable[[], None]]
) -> None:
    """The host is to be stopped at once, and not in a minute."""
    passing.append(pytest.fail)
    with (
        closing(Outbox(Sqlite(Path(str(settings.database))))) as store,
        leased(store, settings, "test"),
        closing(Outbox(Sqlite(Path(str(settings.database))))) as other,
        pytest.raises(Problem, match=r"forwarded by process \d+ on .+ now"),
        leased(other, settings, "test"),
    ):
        pass


def test_status_says_that_a_lease_ends_too_late(settings: Settings) -> None:
    """And does not promise that its holder lives."""
    holder = Holder(settings.database)
    with closing(holder.outbox):
        now = time.time()
        [line] = [
            line
            for line in health_of(holder.outbox, settings, now=now)["remarks"]
            if "ends later than any can" in line
        ]
        assert line.startswith("the lease of process 77 on elsewhere")
        holder.outbox.release(holder.lease)
        remarks = health_of(holder.outbox, settings, now=now)["remarks"]
        assert not [line for line in remarks if "ends later" in line]


@pytest.mark.parametrize("words", [["account", "move", "--yes"], ["restore"]])
def test_commands_that_need_the_lease_wait_so(
    words: list[str],
    section: dict[str, Any],
    tmp_path: Path,
    passing: list[Callable[[], None]],
) -> None:
    """Both of them go on afterwards."""
    database, backup = tmp_path / "outbox.db", tmp_path / "argo.backup"
    path = tmp_path / "config.json"
    section = section | {"aws_secrets": False, "database": str(database)}
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))
    with closing(Holder(str(database)).outbox):
        pass
    runner = CliRunner()
    made = runner.invoke(cli, ["backup", str(backup), "--config", str(path)])
    assert made.exit_code == 0, made.output
    passing.append(lambda: None)
    if words == ["restore"]:
        words = [*words, str(backup)]

    ran = runner.invoke(cli, [*words, "--config", str(path)])

    assert ran.exit_code == 0, ran.output
    assert re.search("ends later than any can", ran.output)

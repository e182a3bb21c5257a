"""Everything at once: events out of order and repeated, faults, successors, by dice."""

import random
from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.journeys.generate import generated
from tests.journeys.reader import JournalReader, differences

FAULTS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("server_error", {"status": 500}),
    ("server_error", {"status": 503, "when": "after"}),
    ("rate_limit", {}),
    ("reset_before", {}),
    ("reset_after", {}),
    ("truncated_json", {}),
    ("malformed_json", {}),
    ("html_page", {"status": 502}),
)
ROUTES: Final = (
    ("POST", "/imports"),
    ("GET", "/imports"),
    ("GET", "/trades"),
    ("GET", "/trades/*"),
    ("PUT", "/trades/*"),
)
ASSUMED: Final[tuple[dict[str, object], ...]] = (
    {},
    {"duplicate_scope": "account_tag"},
    {"late_executions": "append"},
    {"merge_mode": "force_split"},
    {"twins_in_one_import": "kept"},
    {"read_delay_seconds": "0.004"},
)
MOST_STEPS: Final = 4000


def inject_something(dice: random.Random, sandbox: Sandbox) -> None:
    """Let something go wrong, once or a few times."""
    if dice.random() < 0.2:
        sandbox.inject(dice.choice(("status_stolen", "import_busy")))
        return
    name, told = dice.choice(FAULTS)
    method, path = dice.choice(ROUTES)
    sandbox.inject(name, method=method, path=path, times=dice.choice((1, 4)), **told)


def events_of(
    dice: random.Random, trades: list[SimpleNamespace]
) -> list[tuple[SimpleNamespace, Kind]]:
    """Return the events of *trades* in order of time, or in none; some come twice."""
    events = [(t.entry_timestamp, Kind.ENTRY, t) for t in trades]
    events += [(t.exit_timestamp, Kind.EXIT, t) for t in trades if t.exit_timestamp]
    events.sort(key=lambda event: event[:2])
    if dice.random() < 0.3:
        dice.shuffle(events)
    told = [(trade, kind) for _, kind, trade in events]
    again = [event for event in told if dice.random() < 0.1]
    return told + again


@pytest.mark.parametrize("seed", range(10))
def test_journal_is_right_after_a_storm(
    make: Make, sandbox: Sandbox, journal: JournalReader, seed: int
) -> None:
    """Whatever came together: each trade stands there once, with its notes."""
    dice = random.Random(seed)
    sandbox.assume(**dice.choice(ASSUMED))
    forwarder = make(poll_seconds=0.003, import_size=dice.choice((3, 8, 500)))
    trades = [SimpleNamespace(**t) for t in generated(seed, number=dice.randint(4, 15))]
    events = events_of(dice, trades)
    for step in range(MOST_STEPS):
        for _ in range(dice.randint(0, 2)):
            if events:
                trade, kind = events.pop(0)
                (forwarder.enter if kind is Kind.ENTRY else forwarder.leave)(trade)
        if step < 200 and dice.random() < 0.08:
            inject_something(dice, sandbox)
        if dice.random() < 0.02:
            forwarder.succeed()
        forwarder.step()
        if not events and forwarder.worker.is_idle():
            break

    assert forwarder.worker.is_idle()
    sandbox.clear_faults()
    assert set(forwarder.counts()) == {"synced"}
    assert differences(journal, map(vars, trades)) == []

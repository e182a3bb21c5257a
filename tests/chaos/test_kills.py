"""
The kill matrix in short: 264 processes are killed, nothing is lost or doubled.

``python -m tests.chaos --kills 1000`` runs any number; what goes wrong here goes wrong
again with ``--seed ci`` and the engine and processes of the test.
"""

import json
import os
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from tests.chaos import matrix, stage
from tests.chaos.__main__ import main
from tests.chaos.matrix import Cell, Plan, run
from tests.chaos.points import BASICS, POINTS
from tests.chaos.rounds import LEASE, Moment
from tests.chaos.stage import Scene
from tests.chaos.stories import Story, told_of
from tests.journeys.generate import generated, twin_of

KILLS = 66  # in each test: a round with all points, and another with some refused

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="hosts run on systems with fork and SIGKILL"
    ),
]


@pytest.mark.parametrize("processes", [1, 4])
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_killed_processes_lose_nothing_and_double_nothing(
    tmp_path: Path, engine: str, processes: int
) -> None:
    """Killed at every point and at random, they are replaced, and all arrives once."""
    if engine == "postgres":
        pytest.importorskip("psycopg", reason="it needs the extra 'postgres'")
    plan = Plan(
        kills=KILLS,
        engines=[engine],
        processes=[processes],
        seed="ci",
        per_round=KILLS // 2 + 6,  # some are not met: two rounds do
    )
    (cell,) = run(plan, folder=tmp_path / "rounds")

    assert cell.wrong == []
    assert (cell.lost, cell.doubled) == (0, 0)
    assert cell.kills >= KILLS
    assert cell.accepted > cell.kills
    assert set(cell.points) >= points_of(engine)
    assert bool(cell.stops) == (processes > 1)
    # Whoever was killed while something was to be done was recovered from.
    assert len(cell.recoveries) > KILLS // 3


def points_of(engine: str) -> set[str]:
    """Return the points that there are on *engine*, and the random moments."""
    return {"random", *POINTS}


def test_each_point_is_met_in_its_turn() -> None:
    """Every round has what was met least; the first of a cell has every point."""
    plan = Plan(kills=1000, engines=["postgres"], processes=[1], per_round=KILLS // 2)
    cell = matrix.Cell(engine="postgres", processes=1)
    _, first = matrix.act(plan, cell, 1, 1000)
    cell.points.update(POINTS.keys() - {"status_read"} - set(BASICS))
    _, second = matrix.act(attrs.evolve(plan, per_round=5), cell, 2, 1000)

    assert {moment.point for moment in first} == {"random", *POINTS} - set(BASICS)
    assert {"status_read", *BASICS} <= {moment.point for moment in second}


def test_command_ends_with_one_line_for_scripts() -> None:
    """The sums, and a row for each engine with so many processes."""
    told = ["--kills", "3", "--engine", "sqlite", "--processes", "1", "--json"]
    answer = CliRunner().invoke(main, [*told, "--point", "read_back"])
    facts = json.loads(answer.stdout.splitlines()[-1])

    assert answer.exit_code == 0
    assert (facts["kills"], facts["lost"], facts["doubled"]) == (3, 0, 0)
    assert facts["accepted"] > 0
    assert facts["recovery_longest_seconds"] >= facts["recovery_median_seconds"] > 0
    assert facts["points"] == {"read_back": 3}
    assert [row["engine"] for row in facts["rows"]] == ["sqlite"]


def test_equal_trades_of_an_unknown_import_are_decided_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The last import of a round has equal trades, which the journal refuses.

    Whether it was sent nobody knows, and what is refused never shows: a host that
    trades on finds out within moments, and not within the hour.
    """

    def deck(_: int, number: int, **__: object) -> list[Story]:
        trades = generated(1, number)
        coins = [trade for trade in trades if "-" in trade["symbol"]][:4]
        twins = [twin_of(coin, number + n) for n, coin in enumerate(coins)]
        pairs = [trade for pair in zip(coins, twins, strict=True) for trade in pair]
        stocks = [trade for trade in trades if "-" not in trade["symbol"]]
        return [told_of(trade, is_eventful=False) for trade in (*pairs, *stocks)]

    def act(
        plan: Plan, cell: Cell, number: int, kills: int
    ) -> tuple[Scene, list[Moment]]:
        scene, _ = chosen(plan, cell, number, kills)
        scene = attrs.evolve(scene, basics=True, opposites=False, size=60)
        return scene, [Moment("import_going_out", at_once=True)]

    chosen = matrix.act
    monkeypatch.setattr(matrix, "act", act)
    monkeypatch.setattr(stage, "deck_of", deck)
    plan = Plan(kills=1, engines=["sqlite"], processes=[1], seed="ci")
    (cell,) = run(plan, folder=tmp_path / "rounds")

    assert cell.wrong == []
    assert cell.points == {"import_going_out": 1}


def test_bytes_sent_without_the_lease_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A process stands still between its last look at the lease and the first byte.

    Another has led, and has sent the same, when it goes on. Tradervue's own detection
    of duplicates is what helps, so that no two trades here are equal.
    """
    act = matrix.act

    def late(plan: Plan, cell: matrix.Cell, number: int, kills: int) -> object:
        scene, _ = act(plan, cell, number, kills)
        points = ("import_going_out", "notes_going_out") * 3
        scene = attrs.evolve(scene, twins=False, lease=LEASE, size=600)
        return scene, [
            *(Moment(point, act="stop") for point in points),
            Moment("random"),
        ]

    monkeypatch.setattr(matrix, "act", late)
    plan = Plan(kills=1, engines=["sqlite"], processes=[4], seed="ci")
    (cell,) = run(plan, folder=tmp_path / "rounds")

    assert cell.wrong == []
    assert cell.stops == 6

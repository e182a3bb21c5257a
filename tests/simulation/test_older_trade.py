"""A trade that is older than what its slot holds, whose import died on its way."""

from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.simulation.engines import SqliteEngine
from tests.simulation.machine import machine
from tests.simulation.truth import Opening


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("place", range(20, 31))
def test_older_trade_goes_with_its_exit(
    served: Sandbox, tmp_path: Path, place: int
) -> None:
    """
    Also where what was tried before halves what is sent.

    Its entry alone would stay open in the journal, and take in what stands there.
    """
    world = machine(served, lambda: SqliteEngine(tmp_path))()
    world.begin(assumptions={}, import_seconds=3.0, import_size=3)
    position: dict[str, Any] = {
        "symbol": "AAPL",
        "side": "long",
        "quantity": 10,
        "price": 100.25,
        "held": 0,
        "exit_price": 103.5,
    }
    later, earlier = Opening(**position, after=200_000), Opening(**position, after=0)
    world.crash(opening=later, number=0, place=place, is_known=True)
    world.crash(opening=earlier, number=0, place=26, is_known=False)
    world.teardown()

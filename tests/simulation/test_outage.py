"""A day without Tradervue, in short; ``python -m tests.simulation.outage`` is long."""

from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.simulation.outage import live_through


@pytest.mark.timeout(600)
def test_a_day_without_tradervue_loses_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Few questions meanwhile, no more memory for more trades, and all arrives once."""
    found = live_through(sandbox, tmp_path, rate=0.005, hours=24)

    assert found.trades >= 432
    assert (found.missing, found.doubled) == (0, 0)
    # Every quarter of an hour, with jitter between half of it and all of it.
    assert all(4 <= asked <= 9 for asked in found.requests[2:]), found.requests
    assert found.memory[23] - found.memory[2] < 20

"""A sandbox for all simulations, and databases that throw nobody back for long."""

import pytest


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers wait for another writer as briefly as hooks; on one thread, in vain."""
    monkeypatch.setattr("argo_tradervue_plugin.outbox.sqlite.WORKER_PATIENCE", 0.001)

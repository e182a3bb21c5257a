"""A sandbox for all simulations, and databases that throw nobody back for long."""

from collections.abc import Iterator

import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """One sandbox on a real socket for all examples, each of which begins anew."""
    with running(import_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers wait for another writer as briefly as hooks; on one thread, in vain."""
    monkeypatch.setattr("argo_tradervue_plugin.outbox.sqlite.WORKER_PATIENCE", 0.001)

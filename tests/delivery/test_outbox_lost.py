"""A worker whose outbox is deleted or replaced under it."""

import logging

import pytest

from tests.delivery.stepping import Forwarder, host_trade


def test_a_worker_goes_on_with_the_next_outbox(
    forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so at its next step, and what is recorded from then on is forwarded."""
    first, second = host_trade(1), host_trade(2)
    forwarder.enter(first)
    forwarder.leave(first)
    assert forwarder.run()

    forwarder.path.unlink()
    with caplog.at_level(logging.ERROR):
        forwarder.step()
    assert "tradervue.outbox_replaced" in caplog.text
    assert "deleted" in caplog.text

    forwarder.enter(second)
    forwarder.leave(second)
    assert forwarder.run()
    assert forwarder.states(second) == {"entry": "synced", "exit": "synced"}
    assert forwarder.worker.holds_lease


def test_what_another_thread_has_noticed_is_said_too(
    forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reads the status may come first; the worker begins again as well."""
    forwarder.step()
    forwarder.path.unlink()
    with pytest.raises(Exception, match="deleted"):
        forwarder.outbox.counts()
    forwarder.outbox.open()

    with caplog.at_level(logging.ERROR):
        forwarder.step()
    assert caplog.text.count("tradervue.outbox_replaced") == 1
    assert forwarder.run()

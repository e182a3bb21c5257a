"""
httpcore's lines: left out for our requests, untouched for everybody else's.

It writes many at DEBUG, on loggers that the whole process shares, on the thread that
sends, while it sends: a handler or a filter of the host's that raises, or hangs, would
end the request. A mark in that thread's context tells our requests from the host's,
which may go out at the same moment from another thread or task.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from argo_tradervue_plugin.process.forking import Lock

__all__ = ["quietly"]

NAMES: Final = (
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "httpcore.socks",
)
LOGGERS: Final = tuple(logging.getLogger(name) for name in NAMES)
is_ours: ContextVar[bool] = ContextVar("argo_tradervue_request", default=False)


class OthersOnly(logging.Filter):
    """Lets through what is not about a request of ours, and warnings."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether *record* is logged."""
        return record.levelno > logging.INFO or not is_ours.get()


ONLY_OTHERS: Final = OthersOnly()
adding = Lock()


@contextmanager
def quietly() -> Iterator[None]:
    """
    Keep httpcore from writing lines in the block.

    The filter comes before those of the host, which may raise.
    """
    for logger in LOGGERS:
        filters = logger.filters
        if filters[:1] != [ONLY_OTHERS]:  # a host may have cleared them
            with adding:
                filters[:] = [ONLY_OTHERS, *(f for f in filters if f != ONLY_OTHERS)]
    mark = is_ours.set(True)
    try:
        yield
    finally:
        is_ours.reset(mark)

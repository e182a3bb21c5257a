"""
A host that becomes a daemon after it has started its plugins: ``CONFIG HOW FOLDER``.

It forks (*HOW* is ``fork``) or does not (``stay``), closes every descriptor, and opens
files of its own, until all numbers that we may have had are its own.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from argo_tradervue_plugin.plugin import TradervuePlugin

FILES = 40
MOST = 256
TEXT = b"this is the host's\n"


def trade(number: int) -> SimpleNamespace:
    """Return an entry."""
    return SimpleNamespace(
        id=f"trade_{number}",
        symbol=f"SYM{number}",
        signal_type="long",
        entry_price=1.0 + number,
        quantity=2,
        entry_timestamp=f"2026-01-05T15:00:{number:02}",
    )


def main(config: str, how: str, folder: Path) -> None:
    """Live through it; what the host's files hold at the end is in the answer."""
    plugin = TradervuePlugin()
    plugin.on_host_startup(json.loads(Path(config).read_text()), None)
    plugin.on_trade_recorded(trade(1))
    integration = plugin.integration
    assert integration is not None
    assert integration.flush(60)
    if how == "fork":
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status))
    os.closerange(3, min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    numbers = []
    for each in range(FILES):
        path = str(folder / f"host-{each}")
        numbers.append(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        os.write(numbers[-1], TEXT)
    for number in range(2, 7):
        plugin.on_trade_recorded(trade(number))
        time.sleep(0.1)
    if how == "fork":
        assert integration.flush(60)
    plugin.on_host_shutdown()
    plugin.on_trade_recorded(trade(7))
    for number in numbers:  # each is still open, and the host's
        os.write(number, TEXT)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

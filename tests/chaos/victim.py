"""
One life of a host: it starts, trades through the real hooks, and is killed.

What happens it writes into a pipe, a line at a time, straight to the system: what was
written stays true when the process dies in the next instruction.
"""

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import attrs

from tests.argo.trade import Trade
from tests.chaos.points import Fate, install

if TYPE_CHECKING:
    import pluggy

    from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["Order", "live"]

LONGEST_LIFE: Final = 600  # seconds; nobody outlives the one who watches
LAST_PATIENCE: Final = 300.0  # seconds for everything to arrive, on a slow machine
LULL: Final = 1.0  # seconds without a trade
MOST_PENDING: Final = 16  # events; beyond that a host waits with further trades
FEW_PENDING: Final = 3  # until there are no more than that
MACHINES: Final = 2
OPEN_AT_ONCE: Final = 2  # positions that this host holds at a time
ADVANCED_AT_ONCE: Final = 2  # of those beyond that, a step each
HELD_LONGEST: Final = 30.0  # seconds for events in memory to be written


# A story as a process is given it: whether it is plain, and the facts of its steps.
Tale = dict[str, Any]


@attrs.frozen(kw_only=True)
class Order:
    """
    What a life is told at its beginning.

    *trades* are those to be made, by their place in the deck, with their steps;
    *carried* those of which an earlier life has taken a step, or was taking it: with
    the step to be taken first.
    *has_book* tells whether the host's trades outlive it. A *lease* of so many seconds
    takes the place of the usual one; 0 leaves it.
    """

    life: int
    slot: int
    pipe: int
    folder: str
    section: dict[str, Any]
    trades: list[tuple[int, Tale]]
    carried: list[tuple[int, int, Tale]]
    seed: str
    pause: float
    has_book: bool
    lease: float

    def write(self, path: Path) -> Path:
        """Write it to *path*, for whoever starts the process."""
        path.write_text(json.dumps(attrs.asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> "Order":
        """Read what was written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class Voice(logging.Handler):
    """Tells through the pipe what happens, and what the plugin logs that counts."""

    def __init__(self, order: Order) -> None:
        super().__init__(logging.INFO)
        self.order = order

    def tell(self, what: str, *more: object) -> None:
        """Write one line, which the system keeps whole."""
        parts = (self.order.life, f"{time.monotonic():.6f}", what, *more)
        os.write(self.order.pipe, (" ".join(map(str, parts)) + "\n").encode())

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of what was verified, and of mistakes that the guard has swallowed."""
        if record.msg.startswith("✅"):
            self.tell("synced")
        elif record.msg.startswith(("tradervue.internal_error", "tradervue.disabled")):
            self.tell("trouble", record.getMessage()[:400])


def live(order: Order) -> None:
    """Live to the end, which most do not see."""
    signal.alarm(LONGEST_LIFE)
    voice = Voice(order)
    keep_a_log(order, voice)
    folder = Path(order.folder)
    # Where the hooks write, if the outbox is on a server: two of these are a machine.
    os.environ["XDG_STATE_HOME"] = str(folder / f"machine-{order.slot % MACHINES}")
    fate = Fate(folder / "armed", voice.tell)
    prepare(order, fate, voice)

    from argo_tradervue_plugin.host import load_plugins

    config = {"plugins": {"tradervue": order.section}}
    book = Book(folder / f"book-{order.slot}")
    plugins = load_plugins(config, tracker=book if order.has_book else None)
    plugin: Any = plugins.get_plugin("tradervue")
    integration = plugin.integration
    voice.tell("up")
    host = Host(plugins, integration, book, voice)
    host.go_on(order.carried)
    dice = Random(order.seed)
    ends = (folder / "end", folder / f"end-{order.life}")
    trades = iter(order.trades)
    is_busy = True
    while not any(path.exists() for path in ends):
        # By turns: what is of least importance comes when there is nothing else.
        depth = integration.health()["queue_depth"]
        is_busy = depth < MOST_PENDING if is_busy else depth < FEW_PENDING
        if is_busy:
            host.trade(trades, dice.randint(1, 2))
        time.sleep(order.pause * dice.uniform(0.2, 1.8))
    host.close_all()
    # Everybody waits for everything at the end; who is sent home does not.
    waits = ends[0].exists()
    done = host.trade_on(trades) if waits else True
    health = integration.health()
    plugins.hook.on_host_shutdown()
    told = {
        "done": done,
        "counts": health["counts"],
        "lost": health["lost"],
        "outcomes": integration.outbox.outcome_counts() if waits else {},
    }
    voice.tell("end", json.dumps(told, separators=(",", ":")))


def prepare(order: Order, fate: Fate, voice: Voice) -> None:
    """Make this process mortal."""
    from argo_tradervue_plugin.delivery import lane, worker
    from argo_tradervue_plugin.outbox.store import Outbox

    install(fate)
    watch_leases(Outbox, voice)  # afterwards: who dies with the lease has never led
    if order.lease:
        # Otherwise every takeover from a process that stands still takes twelve.
        seconds = order.lease
        vars(lane)["lease_seconds"] = vars(worker)["lease_seconds"] = lambda _: seconds


def watch_leases(outbox: Any, voice: Voice) -> None:
    """Tell who forwards."""
    inner = outbox.claim

    def claim(self: Any, holder: str, **more: Any) -> Any:
        lease = inner(self, holder, **more)
        if lease is not None:
            voice.tell("leads", lease.token)
        return lease

    outbox.claim = claim


class Book:
    """
    The trades that a host has stored, which outlive it, as in its tracker's Redis.

    Each of the processes at once has a *path* of its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def store(self, trade: Trade) -> None:
        """Store *trade* as it stands now; who dies at it leaves half a line."""
        with self.path.open("ab", buffering=0) as file:
            file.write(b"\n" + json.dumps(vars(trade)).encode())

    def _get_recent_trades(self, days: int = 30) -> list[Trade]:
        """Return all of them: to this host they are recent."""
        stored: dict[str, Trade] = {}
        if self.path.exists():
            for line in self.path.read_bytes().splitlines():
                with suppress(json.JSONDecodeError):  # half a line, as a Redis has none
                    trade = Trade(**json.loads(line))
                    stored[trade.id.strip()] = trade
        return list(stored.values())


class Host:
    """Trades, and tells its plugins, as a trading loop does."""

    def __init__(
        self,
        plugins: "pluggy.PluginManager",
        integration: "TradervueIntegration",
        book: Book,
        voice: Voice,
    ) -> None:
        self.book = book
        self.plugins = plugins
        self.integration = integration
        self.voice = voice
        self.opened: list[tuple[int, int, Tale]] = []  # with the step that is next

    def go_on(self, carried: Iterable[tuple[int, int, Tale]]) -> None:
        """Do first what an earlier life was about to do."""
        for index, number, tale in carried:
            self.advance(index, number, tale)

    def trade(self, trades: Iterable[tuple[int, Tale]], number: int) -> None:
        """Enter *number* of *trades*, and go on with the oldest beyond a few."""
        for _, (index, tale) in zip(range(number), trades, strict=False):
            self.advance(index, 0, tale)
            for _ in range(min(ADVANCED_AT_ONCE, len(self.opened) - OPEN_AT_ONCE)):
                self.advance(*self.opened.pop(0))

    def close_all(self) -> None:
        """Close what is open, but for those that stay open for ever."""
        until = time.monotonic() + HELD_LONGEST
        while self.opened:
            if self.integration.held and time.monotonic() < until:
                time.sleep(0.01)
            self.advance(*self.opened.pop(0))

    def trade_on(self, trades: Iterable[tuple[int, Tale]]) -> bool:
        """
        Wait until all has arrived, and trade a little meanwhile; tell whether it has.

        Of equal trades in an import that nobody knows the outcome of, only one that
        follows shows what became of them; where none does, a person is asked.
        """
        until, lull = time.monotonic() + LAST_PATIENCE, LULL
        while not (done := self.integration.flush(lull)) and time.monotonic() < until:
            self.trade(trades, 1)
            self.close_all()
            lull *= 1.5  # a slow machine must come to an end with what there is
        return done

    def advance(self, index: int, number: int, tale: Tale) -> None:
        """
        Take a step of a trade's story; the next one later.

        The steps of a trade that fills in parts say each something of their own: none
        is taken while the one before may be in memory only.
        """
        if number and self.integration.held and not tale["is_plain"]:
            self.opened.append((index, number, tale))
            return
        self.tell(index, number, tale["steps"][number])
        if number + 1 < len(tale["steps"]):
            self.opened.append((index, number + 1, tale))

    def tell(self, index: int, number: int, step: Mapping[str, Any]) -> None:
        """Call the hook; what has returned was accepted."""
        trade = Trade(**step["trade"])
        self.voice.tell("begins", index, number)
        if step["is_kept"]:
            self.book.store(trade)
        hook = getattr(self.plugins.hook, step["hook"])
        hook(trade=dict(vars(trade)) if step["is_mapping"] else trade)
        self.voice.tell("accepted", index, number, len(self.integration.held))


def keep_a_log(order: Order, voice: Voice) -> None:
    """Keep what the plugin logs in the round's folder, for whoever has to look."""
    log = logging.getLogger("argo_tradervue_plugin")
    log.setLevel(logging.INFO)
    log.propagate = False
    file = logging.FileHandler(Path(order.folder) / "log", encoding="utf-8")
    form = f"%(asctime)s.%(msecs)03d life={order.life} %(levelname)s %(message)s"
    file.setFormatter(logging.Formatter(form, "%H:%M:%S"))
    log.addHandler(file)
    log.addHandler(voice)


if __name__ == "__main__":
    live(Order.read(Path(sys.argv[1])))

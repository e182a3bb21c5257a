"""
Where processes come from: a process that has everything loaded, and forks.

A start from nothing costs half a second of a processor, a fork some milliseconds. The
children are processes like any other: with a pid, files, locks, threads and
connections of their own, made after the fork; SIGKILL takes them with all of that. The
nursery has no threads and opens no outbox. With ``spawn`` each child is a new
interpreter instead, as a host's supervisor starts it.
"""

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["Nursery"]

ROOT: Final = Path(__file__).parents[2]
# The last place on the path, so that an installed wheel is what gets tested.
LOADED: Final = f"import sys; sys.path.append({str(ROOT)!r}); "
WAIT: Final = 10.0  # seconds for the nursery to end

LOADED_FIRST: Final = (
    "argo_tradervue_plugin.delivery.pipeline",
    "argo_tradervue_plugin.delivery.worker",
    "argo_tradervue_plugin.services.integration",
    "argo_tradervue_plugin.outbox.postgres",
    "argo_tradervue_plugin.plugin",
    "argo_tradervue_plugin.tradervue.client",
    "tests.chaos.victim",
)
ACTS: Final = {
    "kill": signal.SIGKILL,
    "stop": signal.SIGSTOP,
    "go": signal.SIGCONT,
}


class Nursery:
    """
    Starts lives and sends them signals; told of ends through *pipe*.

    *pipe* is the end of a pipe that is written to.
    """

    def __init__(self, pipe: int, *, is_spawning: bool = False) -> None:
        command = [sys.executable, "-P", "-c", f"{LOADED}from {__name__} import main"]
        command[-1] += "; main()"
        command += [str(pipe), "spawn" if is_spawning else "fork"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, pass_fds=[pipe], text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the nursery, and whoever lives there."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        try:
            self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def start(self, life: int, order: Path) -> None:
        """Start *life* with what is written in *order*."""
        self._say(f"start {life} {order}")

    def act(self, life: int, act: str) -> None:
        """Let *life* be killed, stop or go on, unless it has ended already."""
        self._say(f"{act} {life}")

    def _say(self, line: str) -> None:
        if self.process.stdin is None:
            raise AssertionError("the nursery was started with a pipe")
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


class Nurse:
    """The nursery's own side."""

    def __init__(self, pipe: int, *, is_spawning: bool) -> None:
        self.pipe = pipe
        self.is_spawning = is_spawning
        self.lives: dict[int, int] = {}  # pids by life
        self.woken, waking = os.pipe()
        for end in (self.woken, waking):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Do as told until there is nobody left to tell."""
        heard = b""
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self.woken, selectors.EVENT_READ)
            while True:
                selector.select()
                with suppress(BlockingIOError):
                    while os.read(self.woken, 512):
                        pass
                self.see_who_ended()
                if not any(key.fd == 0 for key, _ in selector.select(0)):
                    continue
                said = os.read(0, 65_536)
                if not said:
                    return
                *lines, heard = (heard + said).split(b"\n")
                for line in lines:
                    self.obey(*line.decode().split(" ", 2))

    def obey(self, act: str, life: str, order: str = "") -> None:
        """Do one thing."""
        if act == "start":
            self.start(int(life), Path(order))
        elif (pid := self.lives.get(int(life))) is not None:
            # Not waited for yet, so that the pid is nobody else's.
            os.kill(pid, ACTS[act])

    def start(self, life: int, order: Path) -> None:
        """Start one life."""
        if threading.active_count() != 1:
            raise AssertionError("a process with threads must not be forked from here")
        pid = os.fork()
        if pid:
            self.lives[life] = pid
            return
        try:
            self.leave_home()
            if self.is_spawning:
                code = f"{LOADED}from tests.chaos.nursery import begin; begin()"
                command = [sys.executable, "-P", "-c", code, str(order)]
                os.execv(sys.executable, command)  # noqa: S606 - it is this Python
            lead(order)
        except BaseException:  # noqa: BLE001 - it must not go on as a second nursery
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def leave_home(self) -> None:
        """Give up what is the nursery's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.set_inheritable(self.pipe, True)

    def see_who_ended(self) -> None:
        """Tell of every process that has ended, with its exit code."""
        for life, pid in list(self.lives.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.lives[life]
                code = os.waitstatus_to_exitcode(status)
                line = f"{life} {time.monotonic():.6f} ended {code}\n"
                os.write(self.pipe, line.encode())

    def end(self) -> None:
        """Leave nobody behind."""
        for pid in self.lives.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def lead(order: Path) -> None:
    """Lead one life."""
    from tests.chaos.victim import Order, live

    live(Order.read(order))
    sys.stdout.flush()
    sys.stderr.flush()


def begin() -> None:
    """Lead one life in an interpreter of its own."""
    lead(Path(sys.argv[1]))


def load() -> None:
    """Load what a life needs, which no child has to do again."""
    for name in LOADED_FIRST:
        with suppress(ImportError):  # who has no psycopg has no PostgreSQL either
            import_module(name)


def main() -> None:
    """Be the nursery: ``PIPE fork|spawn``."""
    pipe, how = int(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent
    if how == "fork":
        load()
    nurse = Nurse(pipe, is_spawning=how == "spawn")
    try:
        nurse.run()
    finally:
        nurse.end()

"""The command in a process of its own: on a terminal, or in a pipe."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import attrs

__all__ = ["COMMAND", "Terminal", "in_pipe", "on_terminal"]

COMMAND = [sys.executable, "-W", "error", "-c"]
COMMAND += ["from argo_tradervue_plugin.cli import main; main()"]
PATIENCE = 90.0  # seconds


@attrs.define
class Terminal:
    """A command that runs on a terminal of its own; *text* is what it has shown."""

    process: subprocess.Popen[bytes]
    number: int
    text: str = ""
    silent: int = 0  # seconds
    is_at_question: bool = False

    def read_until(self, words: str) -> None:
        """Read until *words* are on the screen."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            assert self.read(), f"it ended without {words!r}: {self.text}"

    def read(self) -> bool:
        """Read what is there; return False at the end."""
        ready, _, _ = select.select([self.number], [], [], 1.0)
        if not ready:
            self.silent += 1
            is_running = self.process.poll() is None
            if self.is_at_question and is_running and self.silent % 3 == 0:
                # One that comes just before the process waits for a key is not seen
                # before the next key; a person presses it again.
                self.process.send_signal(signal.SIGINT)
            return is_running
        try:
            piece = os.read(self.number, 65536)
        except OSError:  # Linux says so when the other side has ended
            return False
        self.text += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)

    def write(self, text: str) -> None:
        """Type *text*."""
        os.write(self.number, text.encode())

    def interrupt(self, *, is_at_question: bool = False) -> None:
        """Press Ctrl-C; at a question again, where nothing follows for some seconds."""
        self.is_at_question = is_at_question
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read to the end; return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, self.text
        return self.process.wait(PATIENCE)


@contextmanager
def on_terminal(
    arguments: Sequence[object],
    *,
    environ: Mapping[str, str] | None = None,
    columns: int = 100,
) -> Iterator[Terminal]:
    """Run the command with *arguments* on a terminal of *columns*."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (40, columns))
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=its,
        stdout=its,
        stderr=its,
        env={**os.environ, "TERM": "xterm", **(environ or {})},
        start_new_session=True,
    )
    os.close(its)
    try:
        yield Terminal(process, ours)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait(PATIENCE)
        os.close(ours)


def in_pipe(
    arguments: Sequence[object],
    *,
    text: str = "",
    environ: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command with *arguments* as a script does, *text* being its input."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, **(environ or {})},
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )

"""Who holds the lease, and whether that process still lives."""

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.delivery.lease import holder_name, is_gone
from tests.fakes import eventually

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/stat"),  # noqa: PTH110 - evaluated at import
    reason="whether a process lives is only told where /proc is",
)

NAME = """
from argo_tradervue_plugin.delivery.lease import holder_name
print(holder_name(), flush=True)
input()
"""


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process and its name as a holder."""
    command = [sys.executable, "-c", NAME]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        yield started, started.stdout.readline().strip()
        started.kill()


def test_name_is_the_same_as_long_as_the_process_lives() -> None:
    """It names place, process and its start."""
    assert holder_name() == holder_name()
    assert f"/{os.getpid()}/" in holder_name()


def test_two_processes_have_two_names(
    process: tuple[subprocess.Popen[str], str],
) -> None:
    """In the same place, with another process id."""
    place, _, _ = holder_name().partition("/")

    assert process[1].startswith(f"{place}/{process[0].pid}/")
    assert process[1] != holder_name()


def test_living_process_is_not_gone(
    process: tuple[subprocess.Popen[str], str],
) -> None:
    """Neither this one nor another."""
    assert not is_gone(holder_name())
    assert not is_gone(process[1])


def test_killed_process_is_gone(process: tuple[subprocess.Popen[str], str]) -> None:
    """At once, without waiting for its lease to expire."""
    started, name = process
    started.kill()
    assert started.wait(60) == -signal.SIGKILL

    assert is_gone(name)


def test_zombie_is_gone(process: tuple[subprocess.Popen[str], str]) -> None:
    """A process that ended and was not waited for forwards nothing any more."""
    started, name = process
    os.kill(started.pid, signal.SIGKILL)
    eventually(lambda: state_of(started.pid) == "Z", "the process is a zombie")

    assert is_gone(name)


def state_of(pid: int) -> str:
    """Return the letter of a process's state."""
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0]


def test_another_process_with_its_number_is_not_taken_for_it() -> None:
    """Numbers come again; the time of the start does not."""
    place, pid, started = holder_name().split("/")

    assert is_gone(f"{place}/{pid}/{int(started) - 1}")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("elsewhere/1/1", id="another machine"),
        pytest.param("{place}", id="no process"),
        pytest.param("{place}/x/1", id="no number"),
        pytest.param("{place}/{pid}/", id="start unknown"),
        pytest.param("", id="empty"),
    ],
)
def test_what_cannot_be_known_is_not_gone(name: str) -> None:
    """Then only the expiry of the lease tells."""
    place, pid, _ = holder_name().split("/")

    assert not is_gone(name.format(place=place, pid=pid))


def test_stopped_process_is_not_gone(
    process: tuple[subprocess.Popen[str], str],
) -> None:
    """It may go on at any moment, with what it was about to send."""
    started, name = process
    started.send_signal(signal.SIGSTOP)
    eventually(lambda: state_of(started.pid) == "T", "the process stands still")

    assert not is_gone(name)
    started.send_signal(signal.SIGCONT)


# What the system says may be odd, or nothing ----------------------------------------


class Odd:
    """A system whose files say what a test says, and raise what it has to raise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, bytes | Exception] = {}
        read, readlink = Path.read_bytes, Path.readlink

        def answer(path: Path, real: Callable[[Path], Any]) -> Any:
            for part, said in self.answers.items():
                if part in str(path):
                    if isinstance(said, Exception):
                        raise said
                    return said
            return real(path)

        monkeypatch.setattr(Path, "read_bytes", lambda path: answer(path, read))
        monkeypatch.setattr(Path, "readlink", lambda path: answer(path, readlink))


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Odd:
    """A system that answers as ever, until a test says otherwise."""
    return Odd(monkeypatch)


DENIED = PermissionError(13, "denied by a policy")
ABSENT = FileNotFoundError(2, "no /proc here")


@pytest.mark.parametrize("said", [DENIED, ABSENT, b"", b"1 (x", b"1 (x) S 1"], ids=repr)
def test_process_of_which_nothing_is_readable_is_not_gone(
    process: tuple[subprocess.Popen[str], str], odd: Odd, said: bytes | Exception
) -> None:
    """Its lease runs out by time; this process has a name all the same."""
    odd.answers["/stat"] = said
    assert not is_gone(process[1])
    assert holder_name().endswith(f"/{os.getpid()}/")


@pytest.mark.parametrize("what", ["boot_id", "ns/pid"])
@pytest.mark.parametrize("said", [DENIED, ABSENT], ids=["denied", "absent"])
def test_process_ids_mean_nothing_where_the_place_is_unknown(
    odd: Odd, what: str, said: Exception
) -> None:
    """A container of the same name has other processes with the same numbers."""
    odd.answers[what] = said
    place, _, _ = holder_name().partition("/")
    assert not is_gone(f"{place}/{2**22 + 1}/1")


def test_title_cut_within_a_character_is_read_over(
    process: tuple[subprocess.Popen[str], str],
) -> None:
    """The kernel cuts it after 15 bytes, wherever that is."""
    title = "import ctypes; ctypes.CDLL(None).prctl(15, b'\\xc3\\xa4' * 7 + b'\\xc3');"
    command = [sys.executable, "-c", title + NAME]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        name = started.stdout.readline().strip()
        with pytest.raises(UnicodeDecodeError):
            Path(f"/proc/{started.pid}/stat").read_text("utf-8")
        assert not is_gone(name)
        started.kill()
        started.wait(60)
        assert is_gone(name)
    assert not is_gone(process[1])


def test_machine_with_an_odd_name_has_one_that_can_be_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database takes no half characters."""
    monkeypatch.setattr(platform, "node", lambda: "caf\udcc3")
    assert holder_name().partition("/")[0].isascii()


@pytest.mark.parametrize("pid", ["9" * 40, "\N{SUPERSCRIPT TWO}", "-1"])
def test_number_that_is_none_is_not_gone(pid: str) -> None:
    """Another version may have written it."""
    place, _, _ = holder_name().partition("/")
    assert not is_gone(f"{place}/{pid}/1")

"""The sandbox on a port: in process, as a process, and light to import."""

import ast
import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import httpx
import pytest

import argo_tradervue_plugin.sandbox
from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.sandbox.assumptions import described
from argo_tradervue_plugin.sandbox.command import main, parser
from argo_tradervue_plugin.sandbox.faults import KINDS
from argo_tradervue_plugin.sandbox.server import NotOurs, bound

HOME = Path(argo_tradervue_plugin.sandbox.__file__).parent
COMMAND = [sys.executable, "-m", "argo_tradervue_plugin.sandbox"]


def test_it_runs_and_stops(http: httpx.Client) -> None:
    """On a free port of this machine, which is free again afterwards."""
    with running() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        url = sandbox.url
        answer = http.get(f"{url}/trades", auth=("me", "x"))
        assert answer.json() == {"trades": []}
    with pytest.raises(httpx.ConnectError):
        http.get(f"{url}/trades")
    with pytest.raises(RuntimeError, match="on no port"):
        _ = sandbox.url


def test_it_stops_when_the_test_fails(http: httpx.Client) -> None:
    """And the failure is the test's own."""
    sandbox = Sandbox()

    def fail() -> None:
        urls.append(sandbox.url)
        raise ZeroDivisionError

    urls: list[str] = []
    with pytest.raises(ZeroDivisionError), running(sandbox):
        fail()
    with pytest.raises(httpx.ConnectError):
        http.get(f"{urls[0]}/trades")


def test_a_sandbox_keeps_what_it_holds_from_run_to_run(http: httpx.Client) -> None:
    """As a service does that was restarted."""
    sandbox = Sandbox(import_seconds=0, assumptions={"plan": "silver"})
    for expected in (1, 2):
        with running(sandbox):
            url = f"{sandbox.url}/trades"
            http.post(url, json={"symbol": "A"}, auth=("me", "x"))
            answer = http.get(url, auth=("me", "x"))
            assert len(answer.json()["trades"]) == expected


def test_the_application_needs_no_socket() -> None:
    """Any ASGI transport will do; faults that slam doors raise there."""
    sandbox = Sandbox(import_seconds=0)

    async def ask() -> int:
        transport = httpx.ASGITransport(sandbox.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://sandbox/api/v1", auth=("me", "x")
        ) as client:
            status = (await client.get("/trades")).status_code
            sandbox.inject("reset_before")
            with pytest.raises(ConnectionResetError):
                await client.get("/trades")
            return status

    assert asyncio.run(ask()) == 200


def test_only_this_machine_is_served() -> None:
    """Other hosts are refused, also by the command."""
    for host in ("0.0.0.0", "192.168.0.1", "example.com"):  # noqa: S104 (refused)
        with pytest.raises(NotOurs, match="this machine only"):
            bound(host)
        assert main(["--host", host]) == 2


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """In words, without a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
        with pytest.raises(OSError, match=r"."), running(port=port):
            pass
    assert f"cannot listen on 127.0.0.1:{port}:" in capsys.readouterr().err


def test_the_help_names_every_assumption_and_fault() -> None:
    """With its default."""
    text = parser().format_help()
    for name, default, _, _ in described():
        assert f"  {name}={'none' if default is None else default}" in text
    for name, kind in KINDS.items():
        assert f"\n  {name}\n" in text
        assert all(f"{key}: " in text for key in kind.parameters)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--assume", "plan"],
        ["--assume", "plan=red"],
        ["--fault", "earthquake"],
        ["--user", "me"],
        ["--import-seconds", "-1"],
        ["--import-seconds", "soon"],
        ["--import-seconds", "nan"],
        ["--port", "65536"],
    ],
)
def test_bad_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the usage, as commands do."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "error: argument" in capsys.readouterr().err


class Process:
    """The sandbox as a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.line = self._out.readline().rstrip("\n")
        self.url = self.line.rpartition(" ")[2]

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def end(self, number: int) -> tuple[int, str, str]:
        """End it with a signal; return code, output and errors."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """Processes that are surely ended."""
    made: list[Process] = []
    yield made
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_ends_when_told(
    processes: list[Process], connect: Callable[..., httpx.Client], number: int
) -> None:
    """Nothing else is printed, and the exit code is 0."""
    made = Process(
        *("--import-seconds", "0", "--user", "me:secret"),
        *("--assume", "side_text=letters", "--fault", "server_error:path=/notes"),
    )
    processes.append(made)
    start = "Tradervue sandbox listening on http://127.0.0.1:"
    assert made.line.startswith(start)
    assert made.url.endswith("/api/v1")
    http = connect(made.url, auth=("me", "secret"))
    row = {"symbol": "A", "quantity": "1", "price": "1", "datetime": "2026-03-05"}
    http.post("/imports", json={"executions": [row]})
    assert http.get("/imports").json()["status"] == "succeeded"
    assert http.get("/trades").json()["trades"][0]["side"] == "L"
    assert http.get("/notes").status_code == 503
    assert http.get("/trades", auth=("me", "wrong")).status_code == 401
    assert made.end(number) == (0, "", "")


def test_the_command_logs_requests_when_asked_to(
    processes: list[Process], http: httpx.Client
) -> None:
    """One line each."""
    made = Process("--verbose")
    processes.append(made)
    http.get(f"{made.url}/trades", auth=("me", "secret"))
    code, out, err = made.end(signal.SIGTERM)
    assert code == 0
    assert '"GET /api/v1/trades HTTP/1.1" 200' in out + err
    assert "secret" not in out + err


def test_the_command_ends_with_its_parent(http: httpx.Client) -> None:
    """Also when the parent was killed and could not say goodbye."""
    starter = (
        "import subprocess, sys, time\n"
        f"made = subprocess.Popen({[*COMMAND, '--exit-with-parent']!r}, text=True,\n"
        "    stdout=subprocess.PIPE)\n"
        "print(made.stdout.readline(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        *_, url = parent.stdout.readline().split()
        assert http.get(f"{url}/trades").status_code == 401
        parent.send_signal(signal.SIGKILL)
        assert parent.wait(timeout=60) == -signal.SIGKILL
    assert ends(http, f"{url}/trades")


def ends(http: httpx.Client, url: str) -> bool:
    """Wait until nobody answers at *url* any more."""
    for _ in range(1000):
        try:
            http.get(url)
        except httpx.TransportError:
            return True
        time.sleep(0.02)
    return False


# An independent witness, light to import


def test_it_imports_nothing_else_of_the_package() -> None:
    """Every import is of the standard library, starlette, uvicorn, or the sandbox."""
    for path in HOME.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, path
                continue
            else:
                continue
            roots = {name.partition(".")[0] for name in names}
            allowed = sys.stdlib_module_names | {"starlette", "uvicorn"}
            assert roots <= allowed, path


def python(code: str) -> str:
    """Run *code* in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_importing_it_loads_no_framework() -> None:
    """Also not to make one: the frameworks are for serving."""
    code = (
        "import sys\n"
        "from argo_tradervue_plugin.sandbox import Assumptions, Fault, Sandbox\n"
        "Sandbox(assumptions={'plan': 'free'})\n"
        "print({'starlette', 'uvicorn', 'httpx'} & set(sys.modules))"
    )
    assert python(code) == "set()"


@pytest.mark.parametrize("lacking", ["starlette", "uvicorn"])
def test_what_is_lacking_is_said_in_words(lacking: str) -> None:
    """With what to install."""
    code = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        "from argo_tradervue_plugin.sandbox.command import main\n"
        "sys.stderr = sys.stdout\n"
        "print(main([]))"
    )
    assert python(code).splitlines() == [
        f"the sandbox needs {lacking}: pip install 'argo-tradervue-plugin[sandbox]'",
        "2",
    ]


def test_public_names_are_there() -> None:
    """Each name resolves, and no other does."""
    names = argo_tradervue_plugin.sandbox.__all__
    assert names == sorted(names) == dir(argo_tradervue_plugin.sandbox)
    for name in names:
        assert getattr(argo_tradervue_plugin.sandbox, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = argo_tradervue_plugin.sandbox.Nothing


def test_every_module_says_what_it_is_for() -> None:
    """A docstring, and no address of this machine in it."""
    for path in HOME.glob("*.py"):
        text = path.read_text()
        assert ast.get_docstring(ast.parse(text)), path
        assert "/work/" not in text, path

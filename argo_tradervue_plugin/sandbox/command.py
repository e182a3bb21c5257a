"""The command line of the sandbox."""
# ruff: noqa: T201 (a command prints)

import argparse
import os
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from .assumptions import Assumptions, described
from .faults import KINDS, Fault, parse_fault
from .sandbox import Sandbox

_PARENT_POLL_SECONDS: Final = 0.5
_LAST_PORT: Final = 65_535


def parser() -> argparse.ArgumentParser:
    """Return the parser, whose help names every assumption and every fault."""
    made = argparse.ArgumentParser(
        prog="argo-tradervue sandbox",
        description="A faithful Tradervue on localhost.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("--host", default="127.0.0.1", help="a loopback address (%(default)s)")
    add("--port", type=_port, default=0, help="0: a free one (%(default)s)")
    add(
        "--import-seconds",
        type=_seconds,
        default=0.05,
        metavar="SECONDS",
        help="what an import takes; 'manual': it advances by hand (%(default)s)",
    )
    for name, who in (
        ("user", "who may log in; without any: everybody, each with an own account"),
        ("manager", "a manager of the organization"),
        ("member", "a member of the organization"),
    ):
        add(
            f"--{name}",
            type=_credentials,
            action="append",
            default=[],
            metavar="NAME:PASSWORD",
            help=f"{who} (repeatable)",
        )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this name too, beside those of this machine (repeatable)",
    )
    add(
        "--assume",
        type=_assumption,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="where the documentation is silent, see below (repeatable)",
    )
    add(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME[:KEY=VALUE,...]",
        help="what goes wrong, see below (repeatable)",
    )
    add("--verbose", action="store_true", help="log each request")
    add(
        "--exit-with-parent",
        action="store_true",
        help="end when the process that started this one ends",
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    arguments = parser().parse_args(argv)
    try:
        from .server import bound, server_for
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    sandbox = Sandbox(
        import_seconds=arguments.import_seconds,
        assumptions=dict(arguments.assume),
        faults=arguments.fault,
        users=dict(arguments.user),
        managers=dict(arguments.manager),
        members=dict(arguments.member),
        hosts=arguments.allow_host,
    )
    try:
        sock = bound(arguments.host, arguments.port)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{arguments.host}:{arguments.port}"
        print(f"cannot listen on {where}: {error.strerror}", file=sys.stderr)
        return 1
    with sock:
        server = server_for(sandbox, sock, is_verbose=arguments.verbose)

        def stop(*_: object) -> None:
            server.should_exit = True

        # uvicorn raises the signals that ended it again, for handlers as this one:
        # to be told to end is no failure.
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, stop)
        if arguments.exit_with_parent:
            _watch_parent(stop)
        print(f"Tradervue sandbox listening on {sandbox.url}", flush=True)
        server.run([sock])
    return 0


def _watch_parent(stop: Callable[[], None]) -> None:
    """Call *stop* once the parent is gone; another process is the parent then."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_SECONDS)
        stop()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _epilog() -> str:
    """Return the lists of assumptions and faults."""
    lines = ["assumptions (NAME=DEFAULT, others, meaning):"]
    for name, default, choices, meaning in described():
        others = ", ".join(str(each) for each in choices if each != default)
        shown = "none" if default is None else default
        lines.append(f"  {name}={shown}" + (f"  (or: {others})" if others else ""))
        lines += _wrapped(meaning)
    lines += ["", "faults (keys of all: method, path, times, skip):"]
    for name, kind in KINDS.items():
        lines.append(f"  {name}")
        lines += _wrapped(kind.meaning)
        for key, (value, meaning) in kind.parameters.items():
            shown = "not set" if value is None else value
            lines += _wrapped(f"{key}: {meaning} ({shown})")
    lines += [
        "",
        "for example:",
        "  --assume plan=free --assume quota=30",
        "  --fault 'server_error:status=502,method=PUT,path=/trades/*,times=3'",
    ]
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    indent = " " * 6
    return textwrap.wrap(text, 79, initial_indent=indent, subsequent_indent=indent)


def _seconds(text: str) -> float | None:
    if text == "manual":
        return None
    seconds = float(text)
    # Asked this way, so that NaN is refused too.
    if not seconds >= 0:
        raise ValueError(text)
    return seconds


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(text)
    return port


def _credentials(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not name or not colon:
        raise argparse.ArgumentTypeError("expected NAME:PASSWORD")
    return name, password


def _assumption(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    try:
        Assumptions().switched({name.strip(): value.strip()})
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name.strip(), value.strip()


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error

"""
``/_sandbox/``: ours, not Tradervue's, for those who test. No credentials needed.

    GET     /_sandbox/                  what there is
    GET     /_sandbox/stats             requests by method and path, imports seen
    GET     /_sandbox/faults            faults in force, and kinds of faults
    POST    /_sandbox/faults            put one in force: {"name": ..., "times": ...}
    DELETE  /_sandbox/faults            let go of all; stuck imports run on
    DELETE  /_sandbox/faults/{id}       let go of one
    GET     /_sandbox/assumptions       name and value of each
    PUT     /_sandbox/assumptions       switch some: {"name": value}
    POST    /_sandbox/imports/advance   one step: {"login": ..., "steps": 1}, or all
    PUT     /_sandbox/imports           what imports take: {"import_seconds": 0.05}
    GET     /_sandbox/clock             the time of day, and how far it has jumped
    POST    /_sandbox/clock/advance     let time pass at once: {"seconds": 300}
    POST    /_sandbox/person            {"login": ..., "do": "write_notes", ...}
    POST    /_sandbox/reset             forget everything
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .assumptions import described
from .faults import KINDS, fault
from .jsontext import read, write
from .person import ACTIONS, Person

if TYPE_CHECKING:
    from .service import Service

Answer = tuple[int, object]
Act = Callable[["Service", Request, Mapping[str, object]], Answer]


def index(
    _sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Say what there is."""
    return 200, {
        "faults": {name: kind.meaning for name, kind in KINDS.items()},
        "assumptions": {name: meaning for name, _, _, meaning in described()},
        "person": sorted(ACTIONS),
    }


def get_stats(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Answer with the counts."""
    applied = {"faults_applied": dict(sandbox.faults.applied)}
    return 200, sandbox.stats.described() | applied


def get_faults(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Answer with the faults in force."""
    return 200, {"faults": [each.described() for each in sandbox.faults]}


def post_fault(
    sandbox: "Service", _request: Request, told: Mapping[str, object]
) -> Answer:
    """Put a fault in force; its parameters may stand beside its name, or apart."""
    members = dict(told)
    apart = members.pop("parameters", {})
    if not isinstance(apart, Mapping):
        raise TypeError("parameters must be an object")
    name = str(members.pop("name", ""))
    made = sandbox.faults.add(fault(name, **members, **apart))
    return 201, made.described()


def delete_faults(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Let go of all faults."""
    sandbox.clear_faults()
    return 200, {"faults": []}


def delete_fault(
    sandbox: "Service", request: Request, _told: Mapping[str, object]
) -> Answer:
    """Let go of one fault."""
    if not sandbox.faults.remove(request.path_params["id"]):
        return 404, {"error": "no such fault is in force"}
    return 200, {}


def get_assumptions(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Answer with the assumptions."""
    return 200, sandbox.assumptions.as_mapping()


def put_assumptions(
    sandbox: "Service", _request: Request, told: Mapping[str, object]
) -> Answer:
    """Switch assumptions."""
    sandbox.assume(**told)
    return 200, sandbox.assumptions.as_mapping()


def advance(
    sandbox: "Service", _request: Request, told: Mapping[str, object]
) -> Answer:
    """Let imports go on by hand."""
    login = told.get("login")
    steps = int(str(told.get("steps", 1)))
    sandbox.advance(None if login is None else str(login), steps=steps)
    states = {each.login: each.slot.state for each in sandbox.accounts}
    return 200, {"states": states}


def put_imports(
    sandbox: "Service", _request: Request, told: Mapping[str, object]
) -> Answer:
    """Say what imports posted from now on take; null: they advance by hand."""
    seconds = told.get("import_seconds")
    taken = None if seconds is None else float(str(seconds))
    if taken is not None and not 0 <= taken < inf:
        raise ValueError(f"no import takes {seconds} seconds")
    sandbox.import_seconds = taken
    return 200, {"import_seconds": seconds}


def get_clock(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Answer with the time of day and the jumps in it."""
    ahead = Decimal(str(sandbox.ahead_seconds))
    return 200, {"now": sandbox.time_of_day().isoformat(), "ahead_seconds": ahead}


def advance_clock(
    sandbox: "Service", request: Request, told: Mapping[str, object]
) -> Answer:
    """Let time pass at once."""
    sandbox.pass_time(float(str(told.get("seconds"))))
    return get_clock(sandbox, request, told)


def post_person(
    sandbox: "Service", _request: Request, told: Mapping[str, object]
) -> Answer:
    """Do what a person does on the web; ``args`` is a list, other members are named."""
    members = dict(told)
    login, action = str(members.pop("login", "")), str(members.pop("do", ""))
    args = members.pop("args", [])
    if action not in ACTIONS or not isinstance(args, list):
        raise ValueError(f"'do' is one of {', '.join(sorted(ACTIONS))}")
    done = getattr(Person(sandbox, login), action)(*args, **members)
    return 200, {"result": done}


def post_reset(
    sandbox: "Service", _request: Request, _told: Mapping[str, object]
) -> Answer:
    """Forget everything."""
    sandbox.reset()
    return 200, {}


def control_routes(sandbox: "Service") -> list[Route]:
    """Return the routes."""
    table: list[tuple[str, str, Act]] = [
        ("GET", "/", index),
        ("GET", "/stats", get_stats),
        ("GET", "/faults", get_faults),
        ("POST", "/faults", post_fault),
        ("DELETE", "/faults", delete_faults),
        ("DELETE", "/faults/{id:int}", delete_fault),
        ("GET", "/assumptions", get_assumptions),
        ("PUT", "/assumptions", put_assumptions),
        ("POST", "/imports/advance", advance),
        ("PUT", "/imports", put_imports),
        ("GET", "/clock", get_clock),
        ("POST", "/clock/advance", advance_clock),
        ("POST", "/person", post_person),
        ("POST", "/reset", post_reset),
    ]
    return [
        Route(f"/_sandbox{path}", _endpoint(sandbox, act), methods=[method])
        for method, path, act in table
    ]


def _endpoint(sandbox: "Service", act: Act) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            told = read(body) if body else {}
            if not isinstance(told, dict):
                raise TypeError("the body must be an object")  # noqa: TRY301
            with sandbox.lock:
                status, answer = act(sandbox, request, told)
        except (KeyError, TypeError, ValueError) as error:
            status, answer = 400, {"error": str(error)}
        return Response(write(answer), status, media_type="application/json")

    return endpoint

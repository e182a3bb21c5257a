"""The ASGI application: who is let in, which handler answers."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from . import handlers_diary as diary
from . import handlers_imports as imports
from . import handlers_trades as trades
from . import handlers_users as users
from .accounts import Account
from .calls import Call, Refused, Reply, plain_refusal

try:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route, Router
except ImportError as error:
    raise ImportError(
        "the sandbox needs starlette: pip install 'argo-tradervue-plugin[sandbox]'",
        name=error.name,
    ) from error

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from .faults import Fault
    from .service import Service

# Longer ones than any; Python reads no number of any length.
_ID: Final = re.compile(r"[0-9]{1,18}")
Handler = Callable[[Call], Reply]

# Source: API documentation, all pages. What is not here, Tradervue does not offer.
ROUTES: Final[Mapping[str, Mapping[str, Handler]]] = {
    "/imports": {"GET": imports.get_import, "POST": imports.post_import},
    "/trades": {"GET": trades.list_trades, "POST": trades.post_trade},
    "/trades/{id}": {
        "GET": trades.get_trade,
        "PUT": trades.put_trade,
        "DELETE": trades.delete_trade,
    },
    "/trades/{id}/executions": {"GET": trades.list_executions},
    "/trades/{id}/comments": {"GET": trades.list_comments},
    "/journal": {"GET": diary.list_entries, "POST": diary.post_entry},
    "/journal/{id}": {
        "GET": diary.get_entry,
        "PUT": diary.put_entry,
        "DELETE": diary.delete_entry,
    },
    "/journal/{id}/comments": {"GET": diary.list_entry_comments},
    "/notes": {"GET": diary.list_notes, "POST": diary.post_note},
    "/notes/{id}": {
        "GET": diary.get_note,
        "PUT": diary.put_note,
        "DELETE": diary.delete_note,
    },
    "/notes/{id}/comments": {"GET": diary.list_note_comments},
    "/users": {"GET": users.list_users, "POST": users.post_user},
    "/users/{id}": {"GET": users.get_user, "PUT": users.put_user},
}
# Every method is answered by our own code, so that also a 405 passes the door first.
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(sandbox: "Service") -> "ASGIApp":
    """Return the application of *sandbox*: the API, its faults, and our controls."""
    from .control import control_routes
    from .gate import Gate
    from .names import Named

    async def nowhere(request: Request) -> Response:
        return await _answer(sandbox, request, {})

    routes = [
        Route(f"/api/v1{path}", _endpoint(sandbox, handlers), methods=_METHODS)
        for path, handlers in ROUTES.items()
    ]
    routes.append(Route("/{path:path}", nowhere, methods=_METHODS))
    api = Router(routes, redirect_slashes=False)
    control = Router(control_routes(sandbox), redirect_slashes=False)
    return Gate(sandbox, Named(sandbox, api), Named(sandbox, control))


def _endpoint(
    sandbox: "Service", handlers: Mapping[str, Handler]
) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        return await _answer(sandbox, request, handlers)

    return endpoint


async def _answer(
    sandbox: "Service", request: Request, handlers: Mapping[str, Handler]
) -> Response:
    """Let *request* in or not, and have it handled."""
    body = await request.body()
    with sandbox.lock:
        try:
            reply = _handled(sandbox, request, handlers, body)
        except Refused as refused:
            reply = refused.reply
    # JSON can hold halves of characters, which UTF-8 cannot.
    body_out = reply.body.encode("utf-8", "replace")
    return Response(body_out, reply.status, dict(reply.headers))


def _handled(
    sandbox: "Service", request: Request, handlers: Mapping[str, Handler], body: bytes
) -> Reply:
    headers = request.headers
    admitted = admit(sandbox, headers)
    if isinstance(admitted, Reply):
        return admitted
    caller, account = admitted
    named = request.path_params.get("id")
    if named is not None and not _ID.fullmatch(named):
        handlers = {}
    method = "GET" if request.method == "HEAD" else request.method
    handler = handlers.get(method)
    if handler is None:
        if not handlers:
            return plain_refusal(404, "Not found", sandbox.assumptions)
        allowed = {"allow": ", ".join(sorted(handlers))}
        return plain_refusal(405, "Method not allowed", sandbox.assumptions, allowed)
    faults: Mapping[str, Fault] = request.scope.get("sandbox.faults", {})
    now, tick = request.scope["sandbox.now"], sandbox.elapsed()
    caller.last_login = now
    account.settle(tick, sandbox.assumptions)
    call = Call(
        sandbox=sandbox,
        account=account,
        caller=caller,
        id=None if named is None else int(named),
        query=dict(parse_qsl(request.scope["query_string"].decode("latin-1"), True)),
        body=body,
        content_type=headers.get("content-type", ""),
        origin=f"{request.scope['scheme']}://{headers.get('host', 'localhost')}",
        now=now,
        tick=tick,
        faults=faults,
    )
    return handler(call)


def admit(
    sandbox: "Service", headers: Mapping[str, str]
) -> tuple[Account, Account] | Reply:
    """
    Return who calls and for whom, or the refusal.

    User-Agent first, then credentials, then the right to act for somebody else. Source:
    API documentation, README; the order is not documented.
    """
    assumptions = sandbox.assumptions
    agent = headers.get("user-agent", "").strip()
    if not agent or (assumptions.user_agent == "contact" and not _has_contact(agent)):
        return plain_refusal(400, "A User-Agent header is required", assumptions)
    caller = _caller(sandbox, headers.get("authorization", ""))
    if caller is None:
        challenge = {"www-authenticate": 'Basic realm="Tradervue"'}
        return plain_refusal(401, "Access denied", assumptions, challenge)
    target = headers.get("tradervue-userid")
    if target is None:
        return caller, caller
    if caller.is_manager and _ID.fullmatch(target):
        member = sandbox.accounts.member(int(target))
        if member is not None:
            return caller, member
    return plain_refusal(403, "Not permitted to act for this user", assumptions)


def _has_contact(agent: str) -> bool:
    """Tell whether *agent* has a link or an address in parentheses."""
    inside = agent.partition("(")[2].partition(")")[0]
    return "@" in inside or "://" in inside


def _caller(sandbox: "Service", authorization: str) -> Account | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    login, colon, password = text.partition(":")
    return sandbox.accounts.log_in(login, password) if colon else None

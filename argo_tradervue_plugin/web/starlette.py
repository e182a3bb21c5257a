"""The table on plain Starlette, where the query is checked here."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router

from argo_tradervue_plugin.web.answering import HEADERS, MEDIA_TYPE, encode
from argo_tradervue_plugin.web.interface import Answer, Route
from argo_tradervue_plugin.web.queries import read
from argo_tradervue_plugin.web.threads import answer_on_thread

__all__ = ["add"]


def add(app: Starlette | Router, route: Route) -> None:
    """Add *route* to *app*."""

    async def endpoint(request: Request) -> Response:
        values, problems = read(route.query, request.query_params)
        if problems:
            status, body = encode(Answer(422, {"detail": problems}))
        else:
            status, body = await answer_on_thread(route, request.headers, values)
        return Response(body, status, HEADERS, MEDIA_TYPE)

    endpoint.mounted = route  # type: ignore[attr-defined]
    app.routes.append(
        StarletteRoute(route.path, endpoint, methods=[route.method], name=route.name)
    )

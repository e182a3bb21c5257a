"""The table on FastAPI: it checks the query, and documents every route."""

import inspect
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, params
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from argo_tradervue_plugin.web import interface
from argo_tradervue_plugin.web.answering import HEADERS, MEDIA_TYPE
from argo_tradervue_plugin.web.interface import Documented, Route
from argo_tradervue_plugin.web.threads import answer_on_thread

__all__ = ["add"]


def add(
    app: FastAPI | APIRouter,
    route: Route,
    dependencies: Sequence[params.Depends] = (),
) -> None:
    """Add *route* to *app*; *dependencies* are asked before anything else."""

    async def endpoint(request: Request, **values: object) -> Response:
        status, body = await answer_on_thread(route, request.headers, values)
        return Response(body, status, HEADERS, MEDIA_TYPE)

    endpoint.mounted = route  # type: ignore[attr-defined]
    endpoint.__signature__ = signature_of(route)  # type: ignore[attr-defined]
    app.add_api_route(
        route.path,
        endpoint,
        methods=[route.method],
        name=route.name,
        operation_id=route.operation_id,
        tags=[route.tag],
        summary=route.summary,
        description=route.description,
        responses={s: document(each) for s, each in route.responses.items()},
        response_class=JSONResponse,
        response_model=None,
        dependencies=list(dependencies),
    )


def signature_of(route: Route) -> inspect.Signature:
    """Return the signature from which FastAPI learns the parameters of *route*."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter("request", keyword, annotation=Request),
            *(
                inspect.Parameter(
                    query.name,
                    keyword,
                    default=query.default,
                    annotation=annotation_of(query),
                )
                for query in route.query
            ),
        ]
    )


def annotation_of(query: interface.Query) -> Any:
    """Return the type of *query* with its bounds and description."""
    if isinstance(query, interface.IntQuery):
        bounds = Query(ge=query.low, le=query.high, description=query.description)
        return Annotated[int, bounds]
    choices: Any = Literal.__getitem__(query.choices)
    return Annotated[choices, Query(description=query.description)]


def document(response: Documented) -> dict[str, Any]:
    """Return *response* as OpenAPI has it."""
    return {
        "description": response.description,
        "content": {MEDIA_TYPE: {"schema": response.schema}},
    }

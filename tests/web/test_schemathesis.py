"""The OpenAPI document, held against what the mounted application answers."""

from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import settings

from tests.web.fakes import FakeIntegration, FakePlugin, mounted

schemathesis = pytest.importorskip("schemathesis")

schema = schemathesis.openapi.from_asgi(
    "/openapi.json", mounted(FastAPI(), FakePlugin(FakeIntegration()))
)
# As FastAPI does everywhere, parameters that nobody knows are ignored.
schema.config.generation.update(allow_extra_parameters=False)


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_application_answers_as_its_document_says(case: Any) -> None:
    """Status, type and body are documented; what is out of bounds is refused."""
    case.call_and_validate()

"""The table on both frameworks, over an integration that answers as it is told."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from tests.web.fakes import FakeIntegration, FakePlugin, mounted


@pytest.fixture
def integration() -> FakeIntegration:
    """An integration that answers."""
    return FakeIntegration()


@pytest.fixture
def plugin(integration: FakeIntegration) -> FakePlugin:
    """A plugin that is enabled."""
    return FakePlugin(integration)


@pytest.fixture(params=[FastAPI, Starlette], ids=["fastapi", "starlette"])
def make_app(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """What makes an empty application."""
    make: Callable[[], Any] = request.param
    return make


@pytest.fixture
def app(make_app: Callable[[], Any], plugin: FakePlugin) -> Any:
    """An application with the routes on it."""
    return mounted(make_app(), plugin)

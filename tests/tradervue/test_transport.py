"""Our own transport: public names alone, and httpx's errors for httpcore's."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import httpcore
import httpx
import pytest

from argo_tradervue_plugin import tradervue
from argo_tradervue_plugin.tradervue.transport import in_httpx_terms, proxy_of


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules that speak HTTP, by their names."""
    for each in pkgutil.iter_modules(tradervue.__path__, f"{tradervue.__name__}."):
        source = inspect.getsource(importlib.import_module(each.name))
        yield each.name, ast.parse(source)


def private_names(tree: ast.Module) -> Iterator[str]:
    """Yield the private names that are taken from anything but ``self``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner not in {"self", "cls"} and not node.attr.startswith("__"):
                yield node.attr
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
            name = node.args[1]
            if isinstance(name, ast.Constant) and str(name.value).startswith("_"):
                yield str(name.value)
        if isinstance(node, ast.ImportFrom) and "._" in f".{node.module}":
            yield str(node.module)


def test_nothing_reaches_into_private_names_of_others() -> None:
    """They move without a word, and the deadline would be gone."""
    found = {name: list(private_names(tree)) for name, tree in modules()}

    assert len(found) > 8
    assert {name: names for name, names in found.items() if names} == {}


def errors_of(package: object) -> list[type[Exception]]:
    """Return the public errors of *package* that get out of its pool."""
    return [
        each
        for each in vars(package).values()
        if isinstance(each, type)
        and issubclass(each, Exception)
        # With this one the pool tries the next connection.
        and each is not httpcore.ConnectionNotAvailable
    ]


@pytest.mark.parametrize("error", errors_of(httpcore), ids=lambda error: error.__name__)
def test_every_error_below_is_one_of_httpxs(error: type[Exception]) -> None:
    """Of the same name, with the same words."""
    with pytest.raises(httpx.TransportError) as raised, in_httpx_terms():
        raise error("why")

    assert type(raised.value).__name__ == error.__name__
    assert str(raised.value) == "why"


def test_errors_of_others_pass() -> None:
    """A full disk is no fault of the network's."""
    with pytest.raises(OSError, match="disk"), in_httpx_terms():
        raise OSError("disk")


@pytest.fixture(autouse=True)
def a_proxy(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment."""
    monkeypatch.setenv("ALL_PROXY", "proxy.example:3128")


@pytest.mark.parametrize(
    ("past", "url", "is_asked"),
    [
        ("", "https://app.tradervue.com/api/v1", True),
        ("*", "https://app.tradervue.com/api/v1", False),
        ("tradervue.com", "https://app.tradervue.com", False),
        (".tradervue.com", "https://app.tradervue.com", False),
        ("other.com, app.tradervue.com", "https://APP.tradervue.com", False),
        ("app.tradervue.com:8443", "https://app.tradervue.com:8443", False),
        ("app.tradervue.com:8443", "https://app.tradervue.com", True),
        ("dervue.com", "https://app.tradervue.com", True),
        ("192.0.2.4", "https://192.0.2.4", False),
        ("::1", "https://[::1]:8443", False),
    ],
)
def test_the_environment_says_past_whom_the_proxy_is_passed(
    monkeypatch: pytest.MonkeyPatch, past: str, url: str, is_asked: bool
) -> None:
    """As for other programs."""
    monkeypatch.setenv("NO_PROXY", past)

    proxy = proxy_of(httpx.URL(url))

    assert proxy == ("http://proxy.example:3128" if is_asked else None)


def test_the_proxy_of_the_scheme_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY is for the rest."""
    monkeypatch.setenv("HTTPS_PROXY", "https://tls.example")

    assert proxy_of(httpx.URL("https://app.tradervue.com")) == "https://tls.example"

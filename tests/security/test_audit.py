"""The audit of the dependencies fails where something is known, and only there."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("packaging", reason="it comes with pytest")

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
SOUND = {"name": "attrs", "version": "26.1.0", "vulns": []}
UNKNOWN = {"name": "ours", "skip_reason": "Dependency not found on PyPI"}
KNOWN = {
    "name": "httpx",
    "version": "0.1",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}],
}


@pytest.fixture(scope="module")
def audit() -> Any:
    """The script, as a module."""
    if not SCRIPT.is_file():
        pytest.skip("the script is in the checkout only")
    spec = spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judged(audit: Any, *packages: dict[str, Any]) -> tuple[bool, str]:
    """Return what is said of a report with these *packages*."""
    verdict: tuple[bool, str] = audit.judge({"dependencies": list(packages)})
    return verdict


def test_known_vulnerability_is_a_failure(audit: Any) -> None:
    """With what to do about it, whatever else could not be asked for."""
    is_sound, words = judged(audit, SOUND, UNKNOWN, KNOWN)

    assert not is_sound
    assert "httpx 0.1: PYSEC-1, fixed in 0.2" in words


def test_what_was_not_looked_at_does_not_pass_for_sound(audit: Any) -> None:
    """It is no failure, and it is said."""
    assert judged(audit, UNKNOWN, UNKNOWN) == (
        True,
        "NOT AUDITED: none of 2 packages is known to the index",
    )
    assert judged(audit, SOUND, UNKNOWN) == (
        True,
        "1 packages without known vulnerabilities; NOT AUDITED: ours",
    )
    assert judged(audit, SOUND) == (True, "1 packages without known vulnerabilities")


def test_program_that_cannot_ask_is_no_failure(
    audit: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last words are passed on."""

    def fail(_: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(audit, "audit", fail)

    assert audit.main() == 0
    assert capsys.readouterr().out == "NOT AUDITED: Name or service not known\n"


def test_what_the_package_needs_is_looked_at_and_nothing_else(audit: Any) -> None:
    """With all extras, and what these need in turn; not the tools of its authors."""
    pytest.importorskip("boto3", reason="it is in the extra 'aws'")
    pytest.importorskip("psycopg", reason="it is in the extra 'postgres'")
    versions = audit.needed()

    assert {"attrs", "httpx", "httpcore", "fastapi", "boto3"} <= versions.keys()
    assert {"psycopg-binary", "uvicorn", "click"} <= versions.keys()
    assert not {"pytest", "mypy", "argo-tradervue-plugin"} & versions.keys()

"""The README tells a user about everything that there is, and what it shows works."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import click
import pytest

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.enlisting import DIFFERS
from argo_tradervue_plugin.model.reasons import next_step
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.fakes import eventually

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVENT = re.compile(r"\"(tradervue\.[a-z_]+)")


def section(title: str) -> str:
    """Return what stands under the heading *title*."""
    _, _, rest = README.partition(f"\n## {title}\n")
    assert rest, f"no section {title}"
    return rest.partition("\n## ")[0]


def logged_events() -> set[str]:
    """Return every event that the package logs above DEBUG."""
    found = set()
    for path in (ROOT / "argo_tradervue_plugin").rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        for call in re.finditer(r"log\.(info|warning|error|log)\(", source):
            found |= set(EVENT.findall(source[call.end() : call.end() + 120])[:1])
    return found


@pytest.mark.parametrize("field", attrs.fields(Settings), ids=lambda f: f.name)
def test_every_setting_is_documented(field: "attrs.Attribute[object]") -> None:
    """With the meaning that its declaration gives, and the default it has."""
    row = next(
        (
            line
            for line in section("Configuration").splitlines()
            if line.startswith(f"| `{field.name}` |")
        ),
        None,
    )
    assert row is not None
    assert field.metadata["meaning"] in row
    if isinstance(field.default, (str, bool, int, float)):
        shown = json.dumps(field.default).strip('"').removesuffix(".0")
        assert f"`{shown}`" in row


def test_no_setting_is_documented_that_does_not_exist() -> None:
    """A key that an operator copies from the table is accepted."""
    rows = re.findall(r"^\| `([a-z_]+)` \|", section("Configuration"), re.MULTILINE)
    assert set(rows) == {field.name for field in attrs.fields(Settings)}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented_and_has_help(name: str) -> None:
    """It stands in the table, and each of its options says what it is for."""
    command = cli.commands[name]
    assert f"`argo-tradervue {name}" in section("Commands")
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize(
    "hook", [n for n in vars(hookspecs) if n.startswith(("on_", "register_"))]
)
def test_every_hook_is_documented(hook: str) -> None:
    """With the moment at which the host has to call it."""
    assert f"| `{hook}(" in section("Wiring it into Argo")


@pytest.mark.parametrize("state", State)
def test_every_state_is_explained(state: State) -> None:
    """An operator who reads a state in the status finds what it means."""
    assert f"`{state}`" in section("How a trade gets there")


@pytest.mark.parametrize("code", sorted(DIFFERS | {"joined"}))
def test_every_outcome_is_explained(code: str) -> None:
    """An operator who reads a code in the status finds what it means and what helps."""
    text = section("How a trade gets there").partition("### Outcomes")[2]
    [row] = [r for r in text.splitlines() if r.startswith(f"| `{code}` |")]
    assert all(cell.strip() for cell in row.strip("|").split("|"))
    assert next_step(code)


def test_every_key_of_the_health_is_explained(tmp_path: Path) -> None:
    """And those of what is in it, for whoever alerts on them."""
    settings = Settings(enabled=True, database=str(tmp_path / "outbox.db"))
    with TradervueIntegration(settings) as integration:
        integration.worker.wake()
        eventually(integration.outbox.processes, "it speaks")
        health: Mapping[str, Any] = integration.health()
    text = section("Routes").partition("### Status")[2]
    [process] = health["processes"]
    keys = {*health, *process, *health["credentials"], *health["account"]}

    assert {key for key in keys if f"`{key}`" not in text} == set()


@pytest.mark.parametrize("event", sorted(logged_events()))
def test_every_event_in_the_log_is_explained(event: str) -> None:
    """An operator who finds a line in the log finds here what to do about it."""
    assert f"`{event}" in section("In the log")


def test_the_json_examples_are_json() -> None:
    """What an operator copies into his config parses, and is accepted."""
    for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL):
        section_of_config = json.loads(block)["plugins"]["tradervue"]
        assert Settings.from_mapping(section_of_config).enabled


def test_the_python_examples_compile() -> None:
    """And import names that exist."""
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        compile(block, "README.md", "exec")
        for line in block.splitlines():
            if line.startswith("from argo_tradervue_plugin"):
                exec(line)  # noqa: S102 - our own README


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"\]\(((?:tests|argo)[^)#]*)\)", README)))
)
def test_every_file_that_the_readme_points_at_is_there(path: str) -> None:
    """A promise names the test that shows it."""
    assert (ROOT / path).exists()

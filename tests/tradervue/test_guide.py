"""The guide to the client: what it shows works, and it shows all that there is."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import argo_tradervue_plugin
from argo_tradervue_plugin.tradervue.client import TradervueClient

PACKAGE = Path(argo_tradervue_plugin.__file__).parent
GUIDE = (PACKAGE / "guide" / "client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
ADDRESS = "http://127.0.0.1:8765/api/v1"
CALLS = sorted(
    name
    for name, value in vars(TradervueClient).items()
    # *watch* is for whoever keeps a login, which a script does not.
    if not name.startswith("_") and callable(value) and name != "watch"
)


def test_the_examples_work_one_after_another(
    sandbox: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against the sandbox, and nothing of them is left there."""
    space: dict[str, Any] = {}
    for block in BLOCKS:
        exec(block.replace(ADDRESS, sandbox.url), space)  # noqa: S102 - our own page
    shown = capsys.readouterr().out

    assert "succeeded ImportResult(exec_count=2" in shown
    [trade] = sandbox.account("me").journal.trades.values()
    assert trade.notes.endswith("well done")
    assert "Tradervue found nothing for trade 999999" in shown


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_shown(call: str) -> None:
    """Whoever integrates with Tradervue finds it."""
    assert re.search(
        rf"\b(client|manager|for_ann)\.{call}\(", "".join([*BLOCKS, GUIDE])
    )


@pytest.mark.parametrize(
    "argument", list(inspect.signature(TradervueClient).parameters)[1:]
)
def test_every_argument_is_explained(argument: str) -> None:
    """In the table at the end."""
    assert f"`{argument}`" in GUIDE.partition("## What it takes")[2]

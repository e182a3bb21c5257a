"""
What a host's start waits for: the plugin's entry point and ``on_host_startup``.

In fresh interpreters that take turns: one imports what no plugin can do without,
``import pluggy, attrs``; the other imports the module behind the entry point and calls
``on_host_startup`` with the plugin enabled and an outbox that is there already, as at
every start but the first. The clock runs inside the interpreter, so that its own start,
which is the same for both, counts for neither. Both find their modules compiled, as an
installed package is.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.hosts import section_for

__all__ = ["measure"]

BARE: Final = """
import time
start = time.perf_counter()
import pluggy, attrs
print(1000 * (time.perf_counter() - start))
"""
PLUGIN: Final = """
import json, sys, time
config = json.loads(sys.argv[1])
start = time.perf_counter()
from argo_tradervue_plugin.plugin import plugin
loaded = time.perf_counter()
plugin.on_host_startup(config=config, tracker=None)
ended = time.perf_counter()
assert plugin.integration is not None, plugin.reason
print(1000 * (loaded - start), 1000 * (ended - loaded))
"""


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return what a start takes, next to the bare imports."""
    rounds = scale.of(15, 2)
    bare, loading, starting = [], [], []
    with TemporaryDirectory() as folder:
        # Nobody is there, and nobody is asked: nothing waits in the outbox.
        section = section_for("http://127.0.0.1:9/api/v1", Path(folder, "outbox.db"))
        config = {"plugins": {"tradervue": section}}
        tell(f"startup: {rounds} interpreters each")
        for again in range(rounds + 1):
            (alone,) = run(folder, BARE)
            loads, starts = run(folder, PLUGIN, config)
            if again:  # the first round compiles, and makes the outbox
                bare.append(alone)
                loading.append(loads)
                starting.append(starts)
    both = [loads + starts for loads, starts in zip(loading, starting, strict=True)]
    ratios = [whole / alone for whole, alone in zip(both, bare, strict=True)]
    return [
        Figure(
            "startup_over_bare",
            median(ratios),
            "×",
            "entry point and on_host_startup over import pluggy, attrs",
        ),
        Figure("startup_ms", median(both), "ms", "entry point and on_host_startup"),
        Figure("startup_import_ms", median(loading), "ms", "of it, the entry point"),
        Figure("startup_hook_ms", median(starting), "ms", "of it, on_host_startup"),
        Figure("startup_bare_ms", median(bare), "ms", "import pluggy, attrs"),
    ]


def run(folder: str, script: str, *arguments: Any) -> list[float]:
    """Run *script* in a fresh interpreter; return the numbers that it prints."""
    command = [sys.executable, "-c", script, *map(json.dumps, arguments)]
    # Whoever runs this may forbid the writing of compiled modules.
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    return [float(word) for word in ran.stdout.split()]

"""
A command in a process that may be killed at the points it passes.

``python -m tests.chaos.mortal FOLDER COMMAND…``: *FOLDER* holds what is armed.
"""

import os
import sys
from pathlib import Path

from tests.chaos.points import Fate, install


def main(folder: str, *arguments: str) -> None:
    """Run a command of ``argo-tradervue``."""
    fate = Fate(Path(folder), say)
    install(fate)
    from argo_tradervue_plugin.cli.commands import cli

    cli(list(arguments), prog_name="argo-tradervue")


def say(*words: object) -> None:
    """Write one line, which the system keeps whole."""
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())


if __name__ == "__main__":
    main(*sys.argv[1:])

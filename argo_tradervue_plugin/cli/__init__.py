"""The command ``argo-tradervue``; it needs the extra ``cli``."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say what to install for it."""
    try:
        from argo_tradervue_plugin.cli.commands import cli
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit(
            f"argo-tradervue needs {error.name}: "
            "pip install 'argo-tradervue-plugin[cli,sandbox]'"
        )
    except KeyboardInterrupt:
        sys.exit(130)
    cli(prog_name="argo-tradervue")

"""``python -m argo_tradervue_plugin.sandbox``."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m flowerpower_tui` is `fp-tui`."""

from __future__ import annotations

import sys

from flowerpower_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

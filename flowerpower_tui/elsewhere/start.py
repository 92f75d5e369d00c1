"""Runs a module of this package in an interpreter that does not have it: `python -P start.py MODULE ARGUMENT…`.

Known by its path alone, so it imports nothing of ours. What is added to the search path comes before everything, and
holds one name; processes that `multiprocessing` starts inherit it.
"""

from __future__ import annotations

import os
import runpy
import sys

if __name__ == "__main__":
    del sys.argv[0]
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "path"))  # noqa: PTH100, PTH118, PTH120
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

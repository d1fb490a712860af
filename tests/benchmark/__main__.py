"""Run one benchmark: ``python -m tests.benchmark parity``. Prints a table and, last, one line of JSON."""

import importlib
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

NAMES = {
    "acquire": "acquire",
    "parity": "parity",
    "de": "de",
    "reversal-null": "reversal_null",
    "demo-truth": "demo_truth",
    "mechanisms": "mechanisms",
    "settests": "settests",
    "smallrna": "smallrna",
    "rnaseq": "rnaseq",
    "cells": "cells",
    "synthesis": "synthesis",
    "scaling": "scaling",
    "report": "report",
    "faults": "faults",
    "fuzz": "fuzz",
}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        sys.exit(f"which benchmark? make bench NAME=<name>, with one of: {', '.join(NAMES)}")
    importlib.import_module(f"tests.benchmark.{NAMES[sys.argv[1]]}").main()


if __name__ == "__main__":
    main()

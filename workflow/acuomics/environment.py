"""The processes that scripts run in: where they find the library, and how many threads they may take."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def prepare(library: str) -> None:
    """Set the environment that the scripts of a run inherit.

    Parameters
    ----------
    library : str
        Folder that holds the package ``acuomics``; scripts import it whether or not it is installed. Programs of the
        environment of Python (those of the Kubernetes profile) are found although it is not activated.
    """
    for name, first in {"PYTHONPATH": library, "PATH": str(Path(sys.executable).parent)}.items():
        paths = [first, *filter(None, os.environ.get(name, "").split(os.pathsep))]
        os.environ[name] = os.pathsep.join(dict.fromkeys(paths))
    # One process a core: Snakemake shares the cores out, so numeric libraries must not do it again. The
    # number of threads also decides the order of sums, and with it the last bits of a result.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"

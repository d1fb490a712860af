"""Whether an HDF5 file can be read at all, tried in a process of its own: damaged ones may hold the library forever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from acuomics.problems import Problems

#: Seconds after which a look at names, attributes and texts is given up; whole files answer in a few.
SECONDS = 120.0
#: A file may unpack to this many bytes, or to so many times its own size, whichever is more.
UNPACKED, RATIO = 4 << 30, 200
_AGAIN = "fetch the file again and compare its size and checksum with the source"
# Attributes and texts lie in heaps, whose damage makes the library go in circles; a signal does not reach it there.
_LOOK = """
import json, sys
import h5py
total = 0
def look(name, item):
    global total
    for key in item.attrs:
        item.attrs[key]
    if isinstance(item, h5py.Dataset):
        total += item.size * item.dtype.itemsize
        if h5py.check_vlen_dtype(item.dtype) is not None or item.dtype.kind == "O":
            for at in range(0, item.shape[0] if item.shape else 0, 100_000):
                item[at : at + 100_000]
with h5py.File(sys.argv[1], "r") as file:
    look("/", file)
    file.visititems(look)
print(json.dumps(total))
"""


def can_be_read(path: str | Path, kind: str, problems: Problems) -> bool:
    """Say whether an HDF5 file gives its names, attributes and texts in reasonable time, and unpacks to a sane size.

    Parameters
    ----------
    path : path
        The file (h5ad, 10x HDF5).
    kind : str
        What it is meant to be, for the message.
    problems : Problems
        Takes the fault: no HDF5, damaged, no answer within `SECONDS`, far larger unpacked than any matrix would be.
    """
    command = [sys.executable, "-c", _LOOK, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        problems.add(path, f"damaged: the HDF5 library gives no answer within {SECONDS:g} seconds", _AGAIN)
        return False
    if done.returncode:
        told = (done.stderr.strip().splitlines() or [f"the library ended with status {done.returncode}"])[-1]
        problems.add(path, f"cannot be read as {kind} ({told})", _AGAIN)
        return False
    unpacked = json.loads(done.stdout.strip().splitlines()[-1])
    if unpacked > max(UNPACKED, RATIO * Path(path).stat().st_size):
        message = f"would unpack to {unpacked} bytes, more than {RATIO} times its size: no matrix packs so well"
        problems.add(path, message, "give a file that you trust, written by anndata or Cell Ranger")
        return False
    return True

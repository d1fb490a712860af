"""Starts the command ``python -m acuomics.acquire`` (`acuomics.acquire.command`)."""

import gc
import sys

if __name__ == "__main__":
    # What starting up makes stays to the end; looking through it for rubbish only delays the start.
    gc.disable()

from acuomics.acquire.command import main

if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    sys.exit(main())

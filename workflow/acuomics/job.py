"""What every script of the workflow does around its one function call."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acuomics.problems import InputError


@contextmanager
def logged_job(log: str | Path) -> Iterator[logging.Logger]:
    """Send warnings and messages to `log`; turn a fault of the input into one clear message.

    A user error ends the process with status 1 and its message in the log and on standard error. A
    fault of ours keeps its traceback, in the log and on standard error.
    """
    path = Path(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    logger = logging.getLogger("acuomics")
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # A third-party deprecation is no news for the user of a result.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    try:
        yield logger
    except InputError as error:
        logger.error("%s", error)
        print(error, file=sys.stderr)
        sys.exit(1)
    except Exception:
        logger.exception("a fault of acuomics, not of the input; please report it")
        raise
    finally:
        handler.close()
        root.removeHandler(handler)

"""What every script of the workflow does around its one function call."""

from __future__ import annotations

import errno
import logging
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from acuomics import seals
from acuomics.problems import InputError, Problem, Problems

#: What the machine refuses, and how the user mends it.
_REFUSED = {
    errno.ENOSPC: ("the disk is full", "make room and run again; what is done stays done"),
    errno.EDQUOT: ("the disk quota is used up", "make room and run again; what is done stays done"),
    errno.EROFS: ("the place is read-only", "make it writable, or run in another directory"),
    errno.EACCES: ("permission denied", "mend the permissions of the file and of its folder"),
    errno.EPERM: ("not permitted", "mend the permissions of the file and of its folder"),
    errno.EIO: ("the disk does not answer", "look at the disk, then run again"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n), or use fewer cores"),
}


def refused(error: OSError) -> InputError | None:
    """Say what the machine refused in words for the user; None for errors that are no matter of the machine."""
    found = _REFUSED.get(error.errno or 0)
    if found is None:
        return None
    message, fix = found
    return InputError([Problem(str(error.filename or "a file of this job"), message, fix)])


@contextmanager
def logged_job(
    log: str | Path, inputs: Iterable[str | Path] = (), outputs: Iterable[str | Path] = ()
) -> Iterator[logging.Logger]:
    """Send warnings and messages to `log`; turn a fault of the input into one clear message.

    Results among `inputs` must be as their jobs wrote them (`acuomics.seals`), and `outputs` are noted for those who
    read them. A user error, and what the machine refuses (a full disk, permissions), ends the process with status 1
    and its message in the log and on standard error. A fault of ours keeps its traceback, in the log and on standard
    error.
    """
    path = Path(log)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    except OSError as error:
        sys.exit(str(refused(error) or error))
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
        seals.forget(outputs)
        problems = Problems()
        seals.check_contents(inputs, problems)
        problems.raise_if_any()
        yield logger
        seals.seal(outputs)
    except InputError as error:
        _end(logger, error)
    except OSError as error:
        told = refused(error)
        if told is None:
            logger.exception("a fault of acuomics, not of the input; please report it")
            raise
        _end(logger, told)
    except Exception:
        logger.exception("a fault of acuomics, not of the input; please report it")
        raise
    finally:
        handler.close()
        root.removeHandler(handler)


def _end(logger: logging.Logger, error: InputError) -> NoReturn:
    logger.error("%s", error)
    print(error, file=sys.stderr)
    sys.exit(1)

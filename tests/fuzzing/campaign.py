"""Many mutated inputs through one reader, in a process with limits of time and memory."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import random
import resource
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from acuomics.problems import InputError
from tests.fuzzing.mutate import mutate
from tests.fuzzing.targets import Target, targets

#: Seconds that one small input may take, and what a reader may allocate beyond what is there at its start.
SECONDS = 10
MEMORY = 2 << 30


class Hang(BaseException):
    """An input took longer than `SECONDS`."""


@dataclass
class Outcome:
    """What came of the inputs of a target: counts, and the first examples of what must not be."""

    inputs: int = 0
    refused: int = 0
    tracebacks: int = 0
    hangs: int = 0
    slowest: float = 0.0
    #: Where it broke, to how often.
    places: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


def _late(*_: object) -> None:
    raise Hang


def run_inputs(target: Target, name: str, numbers: range, outcome: Outcome, done: Any = None) -> None:
    """Read the inputs with these numbers; an input is told by target and number."""
    previous = signal.signal(signal.SIGALRM, _late)
    try:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            for file, content in target.files.items():
                (folder / file).write_bytes(content)
            # Kernels compile and modules load at the first reading, which is of valid files.
            target.read(folder)
            for number in numbers:
                draw = random.Random(f"{name}:{number}")
                file = draw.choice(sorted(target.files))
                content = mutate(target.files[file], draw)
                (folder / file).write_bytes(content)
                _read_one(target, folder, f"{name}:{number} {file} {content[:300]!r}", outcome)
                (folder / file).write_bytes(target.files[file])
                if done is not None:
                    done.value = number + 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _read_one(target: Target, folder: Path, what: str, outcome: Outcome) -> None:
    outcome.inputs += 1
    begin = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            target.read(folder)
    except InputError:
        outcome.refused += 1
    except Hang:
        outcome.hangs += 1
        outcome.examples.setdefault("hang", what)
    except BaseException as error:
        outcome.tracebacks += 1
        last = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in last if "acuomics" in frame.filename] or last[-1:]
        place = f"{type(error).__name__}: {str(error)[:120]} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
        place = place.split("\n", 1)[0]
        outcome.places[place] += 1
        outcome.examples.setdefault(place, what)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    outcome.slowest = max(outcome.slowest, time.monotonic() - begin)


def _worker(name: str, numbers: range, done: Synchronized[int], pipe: Any) -> None:
    outcome = Outcome()
    target = targets()[name]
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
    run_inputs(target, name, numbers, outcome, done)
    pipe.send(outcome)


def run_target(name: str, n: int) -> Outcome:
    """Read `n` mutated inputs in a process of its own; one that does not answer is killed, and its input is a hang."""
    total, start = Outcome(), 0
    context = multiprocessing.get_context("fork")
    while start < n:
        done: Synchronized[int] = context.Value("q", start)
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_worker, args=(name, range(start, n), done, there), daemon=True)
        process.start()
        there.close()
        last, since = start, time.monotonic()
        outcome = None
        while outcome is None and (process.is_alive() or here.poll(0.1)):
            if here.poll(0.2):
                with contextlib.suppress(EOFError):
                    outcome = here.recv()
                break
            if done.value != last:
                last, since = done.value, time.monotonic()
            elif time.monotonic() - since > 6 * SECONDS:
                break
        process.kill()
        process.join()
        if outcome is None:
            # Native code that never came back, or a crash: the input after the last finished one.
            outcome = Outcome(inputs=done.value + 1 - start, hangs=1)
            outcome.examples["no answer"] = f"{name}:{done.value}"
            start = done.value + 1
        else:
            start = n
        _add(total, outcome)
    return total


def _add(total: Outcome, more: Outcome) -> None:
    for key in ("inputs", "refused", "tracebacks", "hangs"):
        setattr(total, key, getattr(total, key) + getattr(more, key))
    total.slowest = max(total.slowest, more.slowest)
    total.places.update(more.places)
    total.examples = more.examples | total.examples

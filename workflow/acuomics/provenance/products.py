"""Which files in the results folder are this run's: those that a rule of the workflow makes, for a study of the run."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: What is about the run and not about the studies (times, messages), and what the crate itself is.
ABOUT_THE_RUN = ("logs", "benchmarks")
#: A receipt says on which day a file was fetched, so that it differs between two runs of the same inputs.
_DATED = re.compile(r"[^/]+/acquire/.*\.receipt\.json")


@dataclass(frozen=True)
class Product:
    """A result.

    Parameters
    ----------
    path : str
        Relative to the results folder, with ``/``.
    rule : str
        The rule that makes it.
    study : str
        Its study; empty where it is of all studies.
    """

    path: str
    rule: str
    study: str


@dataclass(frozen=True)
class Plan:
    """What the run's rules can make.

    Parameters
    ----------
    patterns : mapping
        Rule to regular expressions of its outputs, relative to the working directory (``results/...``); groups are
        named as the wildcards are.
    pairs : mapping
        Study of the run to its reversal pairs.
    """

    patterns: Mapping[str, Sequence[str]]
    pairs: Mapping[str, Sequence[str]]
    _compiled: list[tuple[str, re.Pattern[str]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # What lies in a folder that a rule makes is the rule's too.
        compiled = [
            (rule, re.compile(f"(?:{pattern.removesuffix('$')})(?:/.*)?"))
            for rule in sorted(self.patterns)
            for pattern in self.patterns[rule]
        ]
        object.__setattr__(self, "_compiled", compiled)

    def maker(self, path: str) -> Product | None:
        """Give the result at `path` (relative to the results folder); None where this run makes none there."""
        for rule, pattern in self._compiled:
            match = pattern.fullmatch(f"results/{path}")
            if match is None:
                continue
            wildcards = match.groupdict()
            study = wildcards.get("study") or ""
            pair = wildcards.get("pair")
            if study and study not in self.pairs:
                continue
            if study and pair is not None and pair not in self.pairs[study]:
                continue
            return Product(path, rule, study)
        return None


def products(results: str | Path, plan: Plan) -> list[Product]:
    """List the run's results that lie in the results folder.

    Files that an earlier run left (of a study or pair that is no longer asked for) are no results of this one.

    Parameters
    ----------
    results : str or Path
        The results folder.
    plan : Plan
        What the rules can make.

    Returns
    -------
    list of Product
        Sorted by path.
    """
    found = (plan.maker(path) for path in _files(Path(results)) if not _DATED.fullmatch(path))
    return [product for product in found if product is not None]


def _files(results: Path) -> list[str]:
    """Give the files below the results folder, sorted; a link into Snakemake's cache is a folder like others."""
    found = []
    for folder, inner, files in os.walk(results, followlinks=True):
        place = Path(folder).relative_to(results).parts
        # Hidden files are Snakemake's time stamps and what killed jobs were writing.
        inner[:] = [name for name in inner if not name.startswith(".") and (place or name not in ABOUT_THE_RUN)]
        found += ["/".join((*place, name)) for name in files if not name.startswith(".")]
    return sorted(found)

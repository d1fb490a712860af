"""What a run found, in the few lines that end it: verdicts by kind, reversal beside chance, and the warnings."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.files import read_json, write_text

#: Lines of warning a study; the report has all.
MOST_WARNINGS = 6
_SCORED_ROLES = ("treatment", "specificity")


def summarise(
    records: Sequence[str | Path],
    verdicts: str | Path,
    published: Sequence[str | Path],
    facts: Sequence[str | Path] = (),
    contrasts: Sequence[str | Path] = (),
    reversals: Sequence[str | Path] = (),
    quality: Sequence[str | Path] = (),
    of_types: Sequence[str | Path] = (),
) -> str:
    """Compose the summary.

    Parameters
    ----------
    records : sequence of str or Path
        ``study.json`` of every study; of the other files the folder above their stage is the study.
    verdicts : str or Path
        ``mechanisms/verdicts.tsv`` of all studies.
    published : sequence of str or Path
        ``claims/verdicts.tsv`` of the studies.
    facts, contrasts, reversals, quality : sequence of str or Path
        ``intake.json`` and ``fit.json``; ``de/summary.tsv``; ``reversal/<pair>.json``; ``qc.tsv``, where there are.
    of_types : sequence of str or Path
        ``claims`` (a folder) of the studies that cell types became.

    Returns
    -------
    str
        Lines of plain text.
    """
    studies = {record["study"]: record for record in map(read_json, records)}
    warnings: dict[str, list[str]] = {name: list(record["warnings"]) for name, record in studies.items()}
    for path in facts:
        warnings[_study(path)] += read_json(path).get("warnings", [])
    curated = _rows(verdicts)
    lines = ["", "Published claims, held against the data:"]
    lines += _published(published, of_types)
    lines += ["", "Curated claims, in contrasts that speak to the treatment:"]
    for name in dict.fromkeys(row["study"] for row in curated):
        words = (row["verdict"] for row in curated if row["study"] == name and row["contrast_role"] in _SCORED_ROLES)
        lines.append(_line(name, _counted(words) or "none"))
    if not curated:
        lines.append("  no study has counts to test them by")
    if reversals:
        lines += ["", "Features that treatment took back towards control, by the reversal test:"]
        for path in reversals:
            pair = read_json(path)
            lines.append(_line(_study(path), _reversal(pair)))
            warnings[_study(path)] += pair["warnings"]
    for path in contrasts:
        warnings[_study(path)] += _weak(_rows(path))
    for path in quality:
        warnings[_study(path)] += _poor(_rows(path))
    doubts = [line for name, found in warnings.items() for line in _warned(name, found)]
    lines += ["", "Be warned:", *doubts] if doubts else []
    simulated = [name for name, record in studies.items() if record["simulated"]]
    if simulated:
        lines += ["", f"Simulated, and so no evidence of anything: {', '.join(simulated)}."]
    return "\n".join(lines[1:]) + "\n"


def _published(verdicts: Sequence[str | Path], of_types: Sequence[str | Path]) -> list[str]:
    """Lines of the studies; of cell types only those about which something was claimed."""
    lines = [_line(_study(path), _counted(row["verdict"] for row in _rows(path)) or "none") for path in verdicts]
    typed = [Path(folder) / "verdicts.tsv" for folder in of_types]
    told = [(path, _counted(row["verdict"] for row in _rows(path))) for path in typed]
    return lines + [_line(_study(path), text) for path, text in told if text]


def write_summary(output: str | Path, **files: Any) -> None:
    """Write what `summarise` composes of `files`."""
    write_text(summarise(**files), output)


def _study(path: str | Path) -> str:
    """Name the study of a file ``results/<study>/<stage>/<file>``."""
    return Path(path).parts[-3]


def _rows(path: str | Path) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def _line(study: str, text: str) -> str:
    return f"  {study}: {text}"


def _counted(words: Iterable[str]) -> str:
    """Count words, most frequent first; what stands behind a colon is a reason and left to the tables."""
    counts = Counter(word.split(":")[0].replace("_", " ") for word in words)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {word}" for word, count in ordered)


def _reversal(pair: Mapping[str, Any]) -> str:
    draws = pair["permutations"]
    chance = f"{draws['mean']:.1f} on average with permuted labels" if draws.get("mean") is not None else "no null"
    return (
        f"{pair['reversed']} of {pair['n_tested']} in {pair['pair']} ({chance}; "
        f"the usual overlap of two lists: {pair['nominal_venn_opposite']})"
    )


def _weak(contrasts: Iterable[Mapping[str, str]]) -> list[str]:
    return [f"{row['contrast']}: {row['warning']}" for row in contrasts if row["warning"] not in ("", "NA")]


def _poor(samples: Iterable[Mapping[str, str]]) -> list[str]:
    return [
        f"sample {row['sample']} is {'rejected' if row['verdict'] == 'reject' else row['verdict']} by its reads"
        + (f" ({row['reasons']})" if row["reasons"] not in ("", "NA") else "")
        for row in samples
        if row["verdict"] != "good"
    ]


def _warned(study: str, warnings: Sequence[str]) -> list[str]:
    told = list(dict.fromkeys(warnings))
    lines = [_line(study, warning) for warning in told[:MOST_WARNINGS]]
    more = len(told) - MOST_WARNINGS
    return [*lines, _line(study, f"and {more} more, in the report")] if more > 0 else lines

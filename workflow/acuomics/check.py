"""``python -m acuomics.check``: configuration, studies, claims and curated set, every fault at once; nothing is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.acquire.plan import plan_acquisition
from acuomics.catalogue.configuration import merged
from acuomics.catalogue.load import Catalogue, StudyRecord, load_catalogue
from acuomics.catalogue.published import read_published
from acuomics.catalogue.scaffold import unfinished
from acuomics.inputs.clades import read_clades
from acuomics.inputs.strict_yaml import read_yaml
from acuomics.mechanisms.validation import check_set
from acuomics.problems import InputError, Problems
from acuomics.smallrna.kits import read_kits
from acuomics.smallrna.markers import read_markers

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"
#: Where `make new-study` puts studies; looked into beside the folders that the configuration names.
OWN_STUDIES = Path("studies")


def check(config_files: Sequence[str | Path], problems: Problems) -> list[str]:
    """Check everything that can be checked without running anything.

    Parameters
    ----------
    config_files : sequence of str or Path
        Configurations that are laid, one after the other, over the committed one.
    problems : Problems
        Takes every fault: of configuration, of its studies down to the count matrices, of study folders that are not in
        the configuration yet, of published studies and their claims, of the curated set and the small tables.

    Returns
    -------
    list of str
        What was found good, a line each.
    """
    lines: list[str] = []
    config = _configuration(config_files, problems)
    if config is not None:
        lines += _check_run(config, problems)
    before = len(problems.found)
    published = read_published(RESOURCES / "studies", problems)
    if len(problems.found) == before:
        claims = sum(len(study.claims) for study in published.studies) + len(published.others)
        lines.append(f"published studies: {len(published.studies)}, with {claims} claims")
    package = check_set(RESOURCES / "mechanisms", problems)
    if package is not None and len(problems.found) == before:
        lines.append(f"curated mechanisms: version {package.descriptor['version']}")
    read_clades(RESOURCES / "names" / "clades.tsv", problems)
    read_kits(RESOURCES / "adapters" / "kits.tsv", problems)
    read_markers(RESOURCES / "smallrna" / "markers.tsv", problems)
    return lines


def _configuration(files: Sequence[str | Path], problems: Problems) -> dict[str, Any] | None:
    config: dict[str, Any] = {}
    before = len(problems.found)
    for file in (ROOT / "config.yaml", *files):
        content = read_yaml(file, problems)
        config = merged(config, content or {})
    return config if len(problems.found) == before else None


def _check_run(config: Mapping[str, Any], problems: Problems) -> list[str]:
    """Check the configured studies, then those in folders of the user's that are not configured."""
    lines = ["studies of the configuration:"]
    catalogue = _load(config, problems)
    if catalogue is not None:
        try:
            plan_acquisition(catalogue, config)
        except InputError as error:
            problems.found.extend(error.problems)
        lines += [_line(study) for study in catalogue.studies.values()]
    configured = [Path(name) for name in config.get("study_folders") or [] if isinstance(name, str)]
    folders = list(dict.fromkeys([*configured, OWN_STUDIES]))
    chosen = config.get("studies") or []
    found = {file.parent.name: file.parent for folder in reversed(folders) for file in folder.glob("*/study.yaml")}
    others = sorted(name for name in found if name not in chosen)
    for folder in found.values():
        unfinished(folder, problems)
    if others:
        lines.append("studies that are not in the configuration:")
        more = {"studies": others, "study_folders": list(map(str, folders)), "own_data": {}}
        rest = _load({**config, **more}, problems)
        lines += [_line(study) for study in rest.studies.values()] if rest is not None else []
    return lines


def _load(config: Mapping[str, Any], problems: Problems) -> Catalogue | None:
    try:
        return load_catalogue(config, RESOURCES / "studies")
    except InputError as error:
        known = set(problems.found)
        problems.found.extend(problem for problem in error.problems if problem not in known)
        return None


def _line(study: StudyRecord) -> str:
    record = study.record
    parts = [study.kind.replace("_", " ")]
    for name in ("samples", "contrasts", "reversal_pairs", "claims"):
        if record.get(name):
            word = name.replace("_", " ")
            parts.append(f"{len(record[name])} {word if len(record[name]) > 1 else word.removesuffix('s')}")
    warnings = [f"\n      beware: {warning}" for warning in record["warnings"]]
    return f"  {study.study}: {', '.join(parts)}{''.join(warnings)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status (1: faults, told on standard error)."""
    parser = argparse.ArgumentParser(prog="python -m acuomics.check", description=__doc__)
    parser.add_argument("--configfile", nargs="+", default=[], help="configurations over the committed one")
    options = parser.parse_args(arguments)
    problems = Problems()
    lines = check(options.configfile, problems)
    try:
        problems.raise_if_any("nothing was run")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print(*lines, "Nothing is wrong; `make run` can start.", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

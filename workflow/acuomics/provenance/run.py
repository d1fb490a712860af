"""Write the crate of a run: ``ro-crate-metadata.json`` in the results folder, and what it brings along."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acuomics.files import atomic_path, read_json, write_json
from acuomics.provenance.crate import Account, build_crate
from acuomics.provenance.hashes import fingerprint
from acuomics.provenance.inputs import read_inputs
from acuomics.provenance.parameters import parameters, without_machine_paths
from acuomics.provenance.products import Plan, products
from acuomics.provenance.snapshot import write_snapshot
from acuomics.provenance.software import locked

#: The folder that holds the Snakefile.
ROOT = Path(__file__).resolve().parents[3]


def write_crate(
    inputs: Sequence[str],
    config: Mapping[str, Any],
    plan: Plan,
    mechanism_set: str | Path,
    output: Mapping[str, str | Path],
) -> None:
    """Describe a finished run.

    Parameters
    ----------
    inputs : sequence of str
        Files and folders that the run read.
    config : mapping
        The configuration of the run.
    plan : Plan
        What its rules make, for which studies.
    mechanism_set : str or Path
        ``set.json`` of the curated set.
    output : mapping
        Paths of ``crate`` (``ro-crate-metadata.json``, in the results folder), ``config``, ``workflow`` (a copy of the
        Snakefile) and ``snapshot`` (a ZIP file of the whole workflow).
    """
    crate = Path(output["crate"])
    results = crate.parent
    shown = without_machine_paths(config)
    write_json(shown, output["config"])
    with atomic_path(output["workflow"]) as temporary:
        shutil.copyfile(ROOT / "Snakefile", temporary)
    write_snapshot(ROOT, output["snapshot"])
    own = {name: Path(path).relative_to(results).as_posix() for name, path in output.items() if name != "crate"}
    roots = [ROOT, *(folder for folder in [config.get("data_root")] if folder), Path.cwd()]
    read = read_inputs(inputs, roots, results)
    fetched = {item.path for item in read}
    made = [product for product in products(results, plan) if product.path not in fetched]
    account = Account(
        inputs=read,
        results=[(product, fingerprint(results / product.path)) for product in made],
        parameters=parameters(shown),
        packages=locked(ROOT),
        mechanism_set=read_json(mechanism_set),
        studies=sorted(plan.pairs),
        command=f"snakemake --workflow-profile workflow/profiles/default --configfile results/{own['config']}",
    )
    prints = {path: fingerprint(results / path) for path in own.values()}
    write_json(build_crate(account, own["workflow"], own["snapshot"], prints), crate)

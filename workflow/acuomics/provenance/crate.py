"""The RO-Crate of a run, after the Workflow Run Crate profile: https://w3id.org/ro/wfrun/workflow/0.5.

The crate's root is the results folder. One action, the run, has the workflow as instrument; the study files, data files
and configuration values as objects; every result as a result, with the rule that made it. Times stand in ``logs/`` and
``benchmarks/`` beside the crate and never in it, so that the same inputs give the same bytes: the action has no start
and no end, and the crate carries the date of the workflow's version.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import acuomics
from acuomics.provenance.hashes import Fingerprint
from acuomics.provenance.inputs import Input
from acuomics.provenance.parameters import data_type
from acuomics.provenance.products import Product

if TYPE_CHECKING:
    from rocrate.model.entity import Entity  # type: ignore[import-untyped]
    from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

#: The profile builds on RO-Crate 1.1.
_VERSION = "1.1"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
#: Terms of the profile that RO-Crate's own context lacks.
_TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
_LICENCE = "https://spdx.org/licenses/MIT"
_FORMATS = {
    ".tsv": "text/tab-separated-values",
    ".gmt": "text/tab-separated-values",
    ".gff3": "text/x-gff3",
    ".fa": "text/x-fasta",
    ".fastq.gz": "application/gzip",
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".h5ad": "application/x-hdf5",
}
#: Results that answer for a run, as outputs of the workflow: path, name, what it is.
_ANSWERS = {
    "report/index.html": ("report", "The report of all studies"),
    "mechanisms/verdicts.tsv": ("verdicts", "A verdict on every claim of the curated set"),
    "provenance/summary.txt": ("summary", "The verdicts by kind, and what to be warned of"),
}


@dataclass(frozen=True)
class Account:
    """What the crate tells of a run.

    Parameters
    ----------
    inputs : sequence of Input
        Files that the run read.
    results : sequence of (Product, Fingerprint)
        Files that it made.
    parameters : mapping
        Name to value.
    packages : mapping
        Package to version.
    mechanism_set : mapping
        ``version`` and ``sha256`` of the curated set.
    studies : sequence of str
        Names of the studies.
    command : str
        The command that makes these results.
    """

    inputs: Sequence[Input]
    results: Sequence[tuple[Product, Fingerprint]]
    parameters: Mapping[str, Any]
    packages: Mapping[str, str]
    mechanism_set: Mapping[str, Any]
    studies: Sequence[str]
    command: str


def build_crate(account: Account, workflow: str, snapshot: str, own: Mapping[str, Fingerprint]) -> dict[str, Any]:
    """Give the content of ``ro-crate-metadata.json``.

    Parameters
    ----------
    account : Account
        What to tell.
    workflow, snapshot : str
        The Snakefile and the copy of the whole workflow, relative to the crate.
    own : mapping
        Files that the crate brings along, `workflow` and `snapshot` among them, with size and hash.

    Returns
    -------
    dict
        JSON-LD, flattened; entities sorted by identifier behind the descriptor and the root.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=_VERSION)
    crate.metadata.extra_terms.update(_TERMS)
    _describe_root(crate, account.studies)
    flow = _add_workflow(crate, workflow, snapshot, own, account.packages)
    objects = _add_inputs(crate, flow, account)
    results = _add_results(crate, flow, account.results)
    for path, print_ in sorted(own.items()):
        if path not in (workflow, snapshot):
            results.append(_add_file(crate, path, print_, "what the run was told and what became of it"))
    action = crate.add_action(
        flow,
        "#run",
        object=objects,
        result=results,
        properties={
            "name": f"acuomics on {', '.join(account.studies)}",
            "description": f"Repeat it with: {account.command}",
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )
    crate.root_dataset["mentions"] = action
    content: dict[str, Any] = crate.metadata.generate()
    content["@graph"].sort(key=lambda entity: (entity["@id"] != "ro-crate-metadata.json", entity["@id"]))
    return content


def _entity(crate: ROCrate, identifier: str, properties: Mapping[str, Any]) -> Entity:
    from rocrate.model.contextentity import ContextEntity  # type: ignore[import-untyped]

    return crate.add(ContextEntity(crate, identifier, properties=dict(properties)))


def _describe_root(crate: ROCrate, studies: Sequence[str]) -> None:
    root = crate.root_dataset
    for identifier, (name, version) in _PROFILES.items():
        kind = {"@type": "CreativeWork", "name": name, "version": version}
        root.append_to("conformsTo", _entity(crate, identifier, kind))
    root["name"] = f"acuomics: {', '.join(studies)}"
    root["description"] = (
        "Re-analysis of sequencing studies by the workflow acuomics: verdicts on published and curated claims, with "
        "the tables and figures that they rest on. Deposited data keep the terms of their archives."
    )
    root["datePublished"] = acuomics.RELEASED
    licence = {"@type": "CreativeWork", "name": "MIT License", "identifier": "MIT"}
    root["license"] = _entity(crate, _LICENCE, licence | {"description": "The licence of acuomics and its results."})


def _add_workflow(
    crate: ROCrate, workflow: str, snapshot: str, own: Mapping[str, Fingerprint], packages: Mapping[str, str]
) -> Entity:
    flow = crate.add_workflow(
        dest_path=workflow,
        main=True,
        lang="snakemake",
        lang_version=packages.get("snakemake"),
        properties={
            "name": "acuomics",
            "description": "What an acupuncture sequencing study really shows: an honest re-analysis workflow.",
            "version": acuomics.__version__,
            "encodingFormat": "text/x-snakemake",
            "conformsTo": {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"},
            **_size_and_hash(own[workflow]),
        },
    )
    flow["license"] = crate.dereference(_LICENCE)
    copy = _add_file(crate, snapshot, own[snapshot], "the whole workflow as it ran, with its lock and curated tables")
    flow["hasPart"] = copy
    for name, version in packages.items():
        address = f"https://pypi.org/project/{name}/"
        properties = {"@type": "SoftwareApplication", "name": name, "softwareVersion": version, "url": address}
        flow.append_to("softwareRequirements", _entity(crate, address, properties))
    return flow


def _add_inputs(crate: ROCrate, flow: Entity, account: Account) -> list[Entity]:
    """Add what the run read, and the slots of the workflow that it fills."""
    objects: list[Entity] = []
    slot = _slot(crate, flow, "input", "files", "File", "Study files, data files and references")
    for item in account.inputs:
        properties = {"name": item.name, "encodingFormat": _format(item.name), **_size_and_hash(item.print)}
        properties |= {"exampleOfWork": slot} | ({"url": item.url} if item.url else {})
        if item.path:
            file = crate.add_file(dest_path=item.path, properties=properties)
        else:
            file = _entity(crate, item.identifier, {"@type": "File"} | properties)
            crate.root_dataset.append_to("hasPart", file)
        slot.append_to("workExample", file)
        objects.append(file)
    for name, value in account.parameters.items():
        filled = _slot(crate, flow, "input", name, data_type(value), f"Key {name} of the configuration")
        properties = {"@type": "PropertyValue", "name": name, "value": value, "exampleOfWork": filled}
        parameter = _entity(crate, f"#value-{name}", properties)
        filled["workExample"] = parameter
        objects.append(parameter)
    curated = {
        "@type": "CreativeWork",
        "name": "The curated set of analgesia mechanisms",
        "version": account.mechanism_set["version"],
        "sha256": account.mechanism_set["sha256"],
    }
    objects.append(_entity(crate, "#mechanism-set", curated))
    return objects


def _add_results(crate: ROCrate, flow: Entity, results: Sequence[tuple[Product, Fingerprint]]) -> list[Entity]:
    files: list[Entity] = []
    for product, print_ in results:
        whose = f" for {product.study}" if product.study else ""
        file = _add_file(crate, product.path, print_, f"made by the rule {product.rule}{whose}")
        if product.path in _ANSWERS:
            name, what = _ANSWERS[product.path]
            slot = _slot(crate, flow, "output", name, "File", what)
            slot["workExample"] = file
            file["exampleOfWork"] = slot
        files.append(file)
    return files


def _slot(crate: ROCrate, flow: Entity, side: str, name: str, kind: str, description: str) -> Entity:
    slot = crate.add_formal_parameter(name, kind, identifier=f"#{side}-{name}", description=description)
    flow.append_to(side, slot)
    return slot


def _add_file(crate: ROCrate, path: str, print_: Fingerprint, description: str) -> Entity:
    properties = {"name": path.rsplit("/", 1)[-1], "description": description, "encodingFormat": _format(path)}
    return crate.add_file(dest_path=path, properties=properties | _size_and_hash(print_))


def _size_and_hash(print_: Fingerprint) -> dict[str, str]:
    return {"contentSize": str(print_.bytes), "sha256": print_.sha256}


def _format(name: str) -> str:
    """Name the media type of a file, by its suffix; never from the tables of the machine."""
    known = next((kind for suffix, kind in _FORMATS.items() if name.endswith(suffix)), None)
    return known or mimetypes.MimeTypes().guess_type(name)[0] or "application/octet-stream"

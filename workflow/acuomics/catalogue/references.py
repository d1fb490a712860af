"""Which reference tables of names a study needs, of those that the configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acuomics.catalogue.names.tables import NameTables, read_name_tables
from acuomics.problems import Problems


def name_files(record: Mapping[str, Any], references: Mapping[str, Any]) -> dict[str, str]:
    """Give the configured files through which the features of a study get identifiers, by their key.

    Parameters
    ----------
    record : mapping
        The study record: ``feature_id``, ``taxon``.
    references : mapping
        ``references`` of the configuration; a taxon may be text or a number.

    Returns
    -------
    dict
        ``mirbase_names`` and ``mirbase_mature`` where features are miRBase names, ``gene_synonyms`` where they are
        symbols; only what is configured.
    """
    if record["feature_id"] == "mirbase_name":
        return {key: references[key] for key in ("mirbase_names", "mirbase_mature") if references.get(key)}
    if record["feature_id"] == "symbol":
        synonyms = {str(taxon): path for taxon, path in (references.get("gene_synonyms") or {}).items()}
        path = synonyms.get(str(record["taxon"]))
        return {"gene_synonyms": path} if path else {}
    return {}


def read_study_names(
    record: Mapping[str, Any], files: Mapping[str, str], gene_table: str | None, problems: Problems
) -> NameTables:
    """Read the tables that `name_files` gives for one study.

    Parameters
    ----------
    record : mapping
        The study record.
    files : mapping
        What `name_files` gives.
    gene_table : str or None
        The gene table of the species, for synonyms that have no ids.
    problems : Problems
        Takes every fault found.
    """
    taxon = int(record["taxon"])
    return read_name_tables(
        problems,
        mirbase_names=files.get("mirbase_names", ""),
        mirbase_mature=files.get("mirbase_mature", ""),
        gene_synonyms={taxon: files["gene_synonyms"]} if "gene_synonyms" in files else {},
        gene_tables={taxon: gene_table} if gene_table else {},
    )

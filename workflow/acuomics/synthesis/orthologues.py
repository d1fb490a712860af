"""Genes of several species as one: groups of orthologues from a table that the user places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from acuomics.inputs.pins import pinned
from acuomics.problems import Problems
from acuomics.synthesis.vocabulary import Settings

#: Name of the table among the pinned references, and its columns that are read.
REFERENCE = "babelgene_orthologues"
COLUMNS = ("human_entrez", "taxon_id", "entrez", "support_n")
HUMAN = 9606
#: Identifiers of groups: the human gene's.
GROUP = "human_gene"
NO_TABLE = "not available: no table of orthologues is configured (synthesis.orthologues)"


def read_orthologues(path: str | Path, settings: Settings) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read pairs of orthologues and make groups: all genes of a species that go with one human gene.

    A pair counts when at least `ortholog_support` sources have it. A gene that goes with several human genes belongs to
    the one that most sources support (of equals, the one with the smaller number). Pairs of one to many are kept, and
    counted.

    Parameters
    ----------
    path : path
        TSV (also gzipped): ``human_entrez, taxon_id, entrez, support_n``; NA is missing.

    Returns
    -------
    pairs : DataFrame
        ``taxon, identifier, group, one_to_many``: text, a row a gene that is not human, each once.
    counts : dict
        ``n_in, n_out, dropped`` (reason to count), ``n_groups, n_one_to_one, n_one_to_many``.

    Raises
    ------
    InputError
        When the table cannot be read, or lacks a column, or holds what is no number.
    """
    problems = Problems()
    file = str(path)
    table = pd.DataFrame()
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, na_values=["NA", ""])
    except FileNotFoundError:
        problems.add(file, "there is no such file", "mend synthesis.orthologues")
    except (ValueError, OSError, EOFError) as error:
        problems.add(file, f"the table of orthologues cannot be read ({error})", "place the pinned file anew")
    problems.raise_if_any()
    for column in COLUMNS:
        if column not in table.columns:
            problems.add(file, "the column is missing", f"the columns are {', '.join(COLUMNS)}", column=column)
    problems.raise_if_any()
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in COLUMNS}
    for name in COLUMNS:
        wrong = numbers[name].isna() & table[name].notna()
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            problems.add(
                file, "not a number", "place the pinned file", row=row + 1, column=name, value=table[name].iloc[row]
            )
    problems.raise_if_any()
    complete = table[list(COLUMNS)].notna().all(axis=1)
    supported = complete & (numbers["support_n"] >= settings.ortholog_support)
    pairs = table[supported].assign(support=numbers["support_n"], human=numbers["human_entrez"])
    pairs = pairs.drop_duplicates(["human_entrez", "taxon_id", "entrez"])
    order = pairs.sort_values(["support", "human", "entrez"], ascending=[False, True, True], kind="stable")
    best = order.drop_duplicates(["taxon_id", "entrez"])
    found = pd.DataFrame({"taxon": best["taxon_id"], "identifier": best["entrez"], "group": best["human_entrez"]})
    # One to many in either direction: several genes of the species for one human gene, or the reverse.
    several = found.duplicated(["taxon", "group"], keep=False)
    shared = pairs.duplicated(["taxon_id", "entrez"], keep=False)
    many = set(zip(pairs.loc[shared, "taxon_id"], pairs.loc[shared, "entrez"], strict=True))
    found["one_to_many"] = several.to_numpy() | [
        key in many for key in zip(found["taxon"], found["identifier"], strict=True)
    ]
    counts = {
        "n_in": len(table),
        "n_out": len(found),
        "dropped": {
            "incomplete": int((~complete).sum()),
            "too_little_support": int((complete & ~supported).sum()),
            "repeated": int(supported.sum()) - len(pairs),
            "another_group_is_better_supported": len(pairs) - len(found),
        },
        "n_groups": int(found["group"].nunique()),
        "n_one_to_one": int((~found["one_to_many"]).sum()),
        "n_one_to_many": int(found["one_to_many"].sum()),
    }
    return found.sort_values(["taxon", "group", "identifier"], ignore_index=True), counts


def describe_table(path: str | Path, pins: str | Path, counts: Mapping[str, Any]) -> dict[str, Any]:
    """What ``synthesis.json`` says of the table: whether it is the pinned one, and how many groups it makes."""
    return {"available": True, "reason": "", **pinned(path, REFERENCE, pins), **counts}


def across_species(
    effects: pd.DataFrame, taxa: Mapping[str, int], pairs: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Give effects the identifiers of their groups of orthologues.

    Parameters
    ----------
    effects : DataFrame
        Effects of genes of several studies.
    taxa : mapping
        Study to its taxon.
    pairs : DataFrame
        Of `read_orthologues`.

    Returns
    -------
    effects : DataFrame
        With `identifier` the human gene and a column `one_to_many`; genes without a group are left out. Of several
        genes of one study in one group the one with most reads is taken.
    counts : dict
        ``n_in, n_out, n_without_group, n_shared_group``.
    """
    taxon = effects["study"].map({study: str(value) for study, value in taxa.items()})
    genes = effects.assign(taxon=taxon)[(effects["identifier_kind"] == "ncbi_gene")]
    human = genes[genes["taxon"] == str(HUMAN)].assign(group=lambda t: t["identifier"], one_to_many=False)
    other = genes[genes["taxon"] != str(HUMAN)].merge(
        pairs, on=["taxon", "identifier"], how="inner", validate="many_to_one"
    )
    joined = pd.concat([human, other], ignore_index=True)
    order = joined.sort_values(["base_mean", "feature"], ascending=[False, True], kind="stable")
    kept = order.drop_duplicates(["study", "contrast", "group"]).sort_values(["study", "group"], kind="stable")
    counts = {
        "n_in": len(effects),
        "n_out": len(kept),
        "n_without_group": len(effects) - len(joined),
        "n_shared_group": len(joined) - len(kept),
    }
    kept = kept.assign(identifier=kept["group"], identifier_kind=GROUP).drop(columns=["taxon", "group"])
    return kept.reset_index(drop=True), counts

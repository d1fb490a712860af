"""The committed claims against reference tables and the one deposited table: every name is resolved again."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from acuomics.catalogue.__main__ import STUDIES
from acuomics.catalogue.published import Published, read_published
from acuomics.problems import Problems

PREFIX = {"Rattus norvegicus": "rno", "Mus musculus": "mmu", "Homo sapiens": "hsa"}
GENES = {"Rattus norvegicus": ("Rat", "10116", "rnor6"), "Mus musculus": ("Mouse", "10090", "grcm38")}
#: A single synonym in the table that a person did not take: families of proteins, and a name that other genes share.
NOT_TAKEN = {("PKC", "Prkcg"), ("LC3-II", "Map1lc3a"), ("P62", "Khdrbs1")}


def rows_of(path: Path, separator: str = "\t") -> Iterator[dict[str, str]]:
    handle = (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="")
    with handle:
        yield from csv.DictReader(handle, delimiter=separator)


def columns_of(path: Path, *columns: str) -> Iterator[list[str]]:
    """Some columns of a large table without quotes; several times as fast as DictReader."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        header = next(handle).rstrip("\n").split("\t")
        at = [header.index(name) for name in columns]
        for line in handle:
            cells = line.rstrip("\n").split("\t")
            yield [cells[i] for i in at]


@cache
def published() -> Published:
    problems = Problems()
    found = read_published(STUDIES, problems)
    problems.raise_if_any()
    return found


def all_claims() -> list[tuple[str | None, dict]]:
    """Every claim with the species of its study."""
    found = [(study.content["species"], claim) for study in published().studies for claim in study.claims]
    return found + [(claim["species"], claim) for claim in published().others]


@pytest.fixture(scope="module")
def mirbase(real_data) -> tuple[dict[str, set[str]], dict[str, str], set[str]]:
    """Accessions by any name of v6 to v22, accessions by name of v22, and the stems that other species have."""
    ever: dict[str, set[str]] = defaultdict(set)
    current: dict[str, str] = {}
    history = real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz"
    for accession, kind, version, name in columns_of(history, "accession", "type", "version", "name"):
        if kind == "mature":
            ever[name].add(accession)
            if version == "v22":
                current[name] = accession
    with gzip.open(real_data / "mirbase" / "mature_v22.1_all_species_DNA.fa.gz", "rt") as handle:
        headers = [line[1:].split()[0] for line in handle if line.startswith(">")]
    elsewhere = {name.split("-", 1)[1] for name in headers if name[:3] not in PREFIX.values()}
    return ever, current, elsewhere


@pytest.fixture(scope="module")
def genes(real_data) -> dict[str, tuple[dict[str, set[tuple[str, str]]], dict[str, set[str]]]]:
    """By species: symbol (any letter case) to (symbol, NCBI Gene id), synonym to symbols."""
    folder = real_data / "genes"
    orthologs = list(columns_of(folder / "babelgene_human_mouse_rat_orthologs.tsv.gz", "taxon_id", "symbol", "entrez"))
    aliases = list(columns_of(folder / "geneinfo_synonyms_hsa_mmu_rno.tsv.gz", "species", "symbol", "synonyms"))
    found = {}
    for species, (word, taxon, build) in GENES.items():
        symbols: dict[str, set[tuple[str, str]]] = defaultdict(set)
        synonyms: dict[str, set[str]] = defaultdict(set)
        for symbol, entrez in columns_of(folder / f"annotables_{build}.tsv.gz", "symbol", "entrez"):
            if entrez != "NA":
                symbols[symbol.casefold()].add((symbol, entrez))
        for number, symbol, entrez in orthologs:
            if number == taxon:
                symbols[symbol.casefold()].add((symbol, entrez))
        for name, symbol, synonym in aliases:
            if name == word and synonym != "-":
                synonyms[synonym.casefold()].add(symbol)
        found[species] = symbols, synonyms
    return found


def test_every_mirna_name_again(mirbase):
    ever, current, elsewhere = mirbase
    seen: Counter[str] = Counter()
    for species, claim in all_claims():
        if claim["name_status"] == "not_a_feature" or "miR" not in claim["feature_as_printed"]:
            continue
        printed, status, where = claim["feature_as_printed"], claim["name_status"], str(claim)
        seen[status] += 1
        if species is None:
            assert status == "unresolved", where
            continue
        prefix = PREFIX[species]
        name = printed if re.match(r"[a-z]{3}-", printed) else f"{prefix}-{printed}"
        if status == "current":
            assert name == claim["feature_name"] and current[name] == claim["feature"], where
        elif status == "renamed":
            assert name not in current and ever[name] == {claim["feature"]}, where
            assert current[claim["feature_name"]] == claim["feature"], where
        elif status == "emended":
            assert name not in ever, where
            assert claim["feature_name"].startswith(prefix), where
            assert current[claim["feature_name"]] == claim["feature"], where
        elif status == "ambiguous":
            arms = {arm for arm in ("-5p", "-3p") if name + arm in current}
            assert name not in ever and arms == {"-5p", "-3p"}, where
        else:
            assert status == "other_species" and name not in ever, where
            assert printed in elsewhere and not any(f"{p}-{printed}" in ever for p in PREFIX.values()), where
    assert seen == {"current": 12, "renamed": 10, "emended": 3, "ambiguous": 2, "unresolved": 1, "other_species": 1}


def test_every_gene_name_again(genes):
    seen: Counter[str] = Counter()
    for species, claim in all_claims():
        if claim["name_status"] == "not_a_feature" or "miR" in claim["feature_as_printed"]:
            continue
        printed, status, where = claim["feature_as_printed"], claim["name_status"], str(claim)
        seen[status] += 1
        if species not in genes:
            assert species == "Capra hircus" and status == "unresolved" and "goat" in claim["note"], where
            continue
        symbols, synonyms = genes[species]
        key = printed.casefold()
        if status == "current":
            assert symbols[key] == {(claim["feature_name"], claim["feature"])}, where
        elif status == "emended":
            assert key not in symbols and key not in synonyms, where
            assert symbols[claim["feature_name"].casefold()] == {(claim["feature_name"], claim["feature"])}, where
        elif status == "ambiguous":
            fits = synonyms[key]
            assert key not in symbols, where
            assert len(fits) > 1 or (len(fits) == 1 and (printed, *fits) in NOT_TAKEN), where
        else:
            assert status == "unresolved" and key not in symbols and key not in synonyms, where
    assert seen == {"current": 27, "emended": 2, "ambiguous": 5, "unresolved": 11}


def test_a_nematode_name_is_in_no_mammal(mirbase):
    ever, _, elsewhere = mirbase
    for stem in ("miR-233-3p", "miR-81"):
        assert stem in elsewhere
        assert not any(re.fullmatch(rf"[a-z]{{3}}-{stem}([a-z*-].*)?", name) for name in ever), stem


def statistics(real_data: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of(real_data / "gse198274" / "GSE198274_mirna_response.csv", ","):
        found[row["contrast"]].append(row)
    return found


def liu2023():
    (study,) = [study for study in published().studies if study.study == "liu2023_migraine"]
    return study


def test_recounts_of_the_deposited_table(real_data):
    study, table = liu2023(), statistics(real_data)
    spec = study.content["statistics"]
    column = {"p < 0.05": spec["p_column"], "FDR < 0.05": spec["q_column"]}
    recounts = [claim for claim in study.claims if claim["evidence"] == "recount"]
    assert len(recounts) == 6
    for claim in recounts:
        rows = [row for row in table[spec["contrasts"][claim["contrast"]]] if row[spec["p_column"]] not in ("", "nan")]
        below = sum(float(row[column[claim["threshold"]]]) < 0.05 for row in rows)
        assert below == int(claim["count"]), claim
        assert f"of {len(rows)} tested" in claim["effect"], claim


def test_values_read_in_the_deposited_table(real_data):
    study, table = liu2023(), statistics(real_data)
    spec = study.content["statistics"]
    values = [claim for claim in study.claims if claim["evidence"] == "table"]
    assert len(values) == 4
    for claim in values:
        rows = table[spec["contrasts"][claim["contrast"]]]
        (row,) = [row for row in rows if row[spec["feature_column"]] == claim["feature_as_printed"]]
        printed, found = float(claim["effect_log2fc"]), float(row[spec["log2fc_column"]])
        assert abs(printed - found) < 0.006 and (found > 0) == (claim["direction"] == "up"), claim


def test_files_of_the_statistics_are_pinned_to_their_bytes(real_data):
    (row,) = rows_of(STUDIES / "liu2023_migraine" / "files.tsv")
    content = (real_data / "gse198274" / "GSE198274_mirna_response.csv").read_bytes()
    assert row["file"] == liu2023().content["statistics"]["path"]
    assert (int(row["bytes"]), row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    (manifest,) = [m for m in rows_of(real_data / "MANIFEST.tsv") if m["sha256"] == row["sha256"]]
    assert row["url"].endswith(f"{manifest['source_repo']}/{manifest['commit']}/{manifest['path_in_repo']}")

"""miRNA names through the history of miRBase: what resolves, what does not, and what is only suggested."""

import csv
import gzip

import pytest

from acuomics.catalogue.names import RESOLVED, STATUSES, read_mirna_names, resolve_mirna
from acuomics.problems import Problems

RAT, MOUSE, HUMAN = 10116, 10090, 9606
TAXA = {"hsa": HUMAN, "mmu": MOUSE, "rno": RAT}

ALIASES = """MI0000641\trno-mir-7-1;rno-mir-7a-1;
MIMAT0000606\trno-miR-7;rno-miR-7a;rno-miR-7a-5p;
MIMAT0000780\trno-miR-7b;
MIMAT0003378\trno-miR-378;rno-miR-378*;rno-miR-378a-5p;
MIMAT0003379\trno-miR-378;rno-miR-378a-3p;
"""
MATURE = """>rno-miR-7a-5p MIMAT0000606 Rattus norvegicus miR-7a-5p
UGGAAGACUAGUGAUUUUGUUGU
>rno-miR-7b MIMAT0000780 Rattus norvegicus miR-7b
UGGAAGACUUGUGAUUUUGUUGU
>cel-miR-233-3p MIMAT0000288 Caenorhabditis elegans miR-233-3p
UUGAGCAAUGCGCAUGUGCGGG
"""
DEAD = "accession\ttype\tname\tlast_version\nMIMAT0000572\tmature\trno-miR-333\tv11\n"


@pytest.fixture
def read(tmp_path):
    def run(*texts, mature=None):
        problems = Problems()
        paths = [tmp_path / f"{at}.txt" for at in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        if mature is not None:
            (tmp_path / "mature.fa").write_text(mature)
        names = read_mirna_names(paths, problems, mature=tmp_path / "mature.fa" if mature is not None else None)
        return names, [str(problem) for problem in problems.found]

    return run


# Formats


def test_aliases_of_mirbase(read):
    names, faults = read(ALIASES, DEAD, mature=MATURE)
    assert not faults
    for name in ("rno-miR-7", "rno-miR-7a", "rno-miR-7a-5p", "miR-7a", "MIMAT0000606"):
        assert resolve_mirna(name, RAT, names).id == "MIMAT0000606", name
    assert resolve_mirna("rno-miR-7", RAT, names).status == "renamed"
    assert resolve_mirna("rno-miR-333", RAT, names).status == "dead"
    # 378a is in aliases.txt and not in the mature FASTA of the species: withdrawn.
    assert resolve_mirna("rno-miR-378", RAT, names).status == "dead"
    both, _ = read(ALIASES)
    found = resolve_mirna("rno-miR-378", RAT, both)
    assert (found.status, [c.id for c in found.candidates]) == ("ambiguous", ["MIMAT0003379", "MIMAT0003378"])


def test_the_alphabet_of_the_sequences_is_no_matter(read):
    rna, _ = read(ALIASES, mature=MATURE)
    dna, _ = read(ALIASES, mature=MATURE.replace("U", "T"))
    assert rna == dna


@pytest.mark.parametrize(
    ("texts", "mature", "parts"),
    [
        (["MIMAT0000606\trno-miR-7;\nMIMAT606\trno-miR-8;\n"], None, ["0.txt, row 2", "not a line of aliases.txt"]),
        (["accession\ttype\tname\nMIMAT1\tmature\tx\n"], None, ["column version: the column is missing"]),
        (["accession\ttype\told_name\nMIMAT1\tmature\tx\n"], None, ["column current: the column is missing"]),
        ([""], None, ["0.txt: the file is empty"]),
        ([ALIASES], ">rno-miR-7a-5p\nACGU\n", ["mature.fa, row line 1", "not a header"]),
        ([ALIASES], "ACGU\n", ["mature.fa: no sequence has a header"]),
        (["<html><body>503</body></html>"], "x", ["0.txt: this is a web page", "mature.fa: no sequence"]),
    ],
)
def test_faults_of_the_tables(read, texts, mature, parts):
    names, faults = read(*texts, mature=mature)
    assert names is None
    assert all(any(part in fault for fault in faults) for part in parts), faults
    assert len(faults) == (2 if "web page" in parts[0] else 1)


# The real tables


@pytest.fixture
def resolve(real_names):
    return lambda name, taxon=RAT: resolve_mirna(name, taxon, real_names.mirna)


@pytest.mark.parametrize(
    ("name", "taxon", "status", "mimat", "current"),
    [
        ("rno-miR-7a-5p", RAT, "current", "MIMAT0000606", "rno-miR-7a-5p"),
        ("miR-7a-5p", RAT, "current", "MIMAT0000606", "rno-miR-7a-5p"),
        ("rno-miR-7a", RAT, "renamed", "MIMAT0000606", "rno-miR-7a-5p"),
        ("rno-miR-7", RAT, "renamed", "MIMAT0000606", "rno-miR-7a-5p"),
        ("rno-miR-223", RAT, "renamed", "MIMAT0000892", "rno-miR-223-3p"),
        ("rno-miR-223*", RAT, "renamed", "MIMAT0017165", "rno-miR-223-5p"),
        ("rno-miR-335", RAT, "current", "MIMAT0000575", "rno-miR-335"),
        ("miR-124", RAT, "renamed", "MIMAT0000828", "rno-miR-124-3p"),
        ("hsa-miR-378a-5p", HUMAN, "current", "MIMAT0000731", "hsa-miR-378a-5p"),
        (" rno-let-7a ", RAT, "renamed", "MIMAT0000774", "rno-let-7a-5p"),
        # Not in the history: only the mature FASTA of 22.1 has the third product of a hairpin.
        ("mmu-miR-3102-3p.2-3p", MOUSE, "current", "MIMAT0014935", "mmu-miR-3102-3p.2-3p"),
    ],
)
def test_names_that_resolve(resolve, name, taxon, status, mimat, current):
    found = resolve(name, taxon)
    assert (found.name, found.status, found.id, found.current_name) == (name, status, mimat, current)
    assert found.reason and found.suggestion is None


@pytest.mark.parametrize(
    ("name", "taxon", "status", "suggestion", "part"),
    [
        ("has-miR-378a-5p", HUMAN, "unresolved", "hsa-miR-378a-5p", "has is no species of miRBase"),
        ("rno-mir-223-3p", RAT, "unresolved", "rno-miR-223-3p", "letter case"),
        ("rno-miR-223-3P", RAT, "unresolved", "rno-miR-223-3p", "letter case"),
        ("mmu-miR-223-3p", RAT, "other_species", "rno-miR-223-3p", "mmu stands for Mus musculus"),
        ("cel-miR-233-3p", RAT, "other_species", None, "no miRNA of this name"),
        ("rno-miR-333", RAT, "dead", None, "withdrawn after v11"),
        ("miR-148a", RAT, "ambiguous", None, "no arm"),
        ("miR-181", RAT, "ambiguous", None, "a family"),
        ("rno-mir-7a-1", RAT, "unresolved", None, "a hairpin (MI0000641)"),
        ("rno-miR-17", RAT, "ambiguous", None, "since withdrawn"),
        ("EA", RAT, "unresolved", None, "no release has this name"),
        ("", RAT, "unresolved", None, ""),
        ("miR-21", 7227, "unresolved", None, "no miRNA of the species"),
    ],
)
def test_names_that_do_not(resolve, name, taxon, status, suggestion, part):
    found = resolve(name, taxon)
    assert (found.status, found.suggestion, found.id) == (status, suggestion, None)
    assert part in found.reason


def test_a_nematode_name_in_a_rat_paper(resolve):
    for name in ("miR-233-3p", "rno-miR-233-3p"):
        found = resolve(name)
        assert (found.status, found.suggestion) == ("other_species", "rno-miR-223-3p")
        assert "only nematodes have it" in found.reason and "Caenorhabditis elegans" in found.reason
        # It is not the only rat name that near, and the answer says so.
        assert {"rno-miR-223-3p", "rno-miR-323-3p"} <= {c.name for c in found.candidates}
        assert "one slip away too: rno-miR-323-3p" in found.reason
    found = resolve("miR-81")
    assert (found.status, found.suggestion) == ("other_species", None)
    assert "only nematodes have it" in found.reason and "too many names are near" in found.reason


def test_all_ambiguous_old_names_are_reported_with_their_candidates(resolve, real_data):
    table = real_data / "mirbase" / "mirbase_alias_oldname_to_v22_hsa_mmu_rno.tsv"
    with table.open(newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    meanings: dict[str, set[str]] = {}
    for row in rows:
        meanings.setdefault(row["old_name"], set()).add(row["accession"])
    ambiguous = {name: ids for name, ids in meanings.items() if len(ids) > 1}
    assert len(ambiguous) == 36
    for name, ids in ambiguous.items():
        found = resolve(name, TAXA[name[:3]])
        assert (found.status, found.id, found.suggestion) == ("ambiguous", None, None), name
        assert {c.id for c in found.candidates} == ids, name


def test_the_table_of_old_names_says_the_same_as_the_history(real_data, resolve):
    """Another table of the same source, read without the history: it may know less, never other."""
    problems = Problems()
    table = real_data / "mirbase" / "mirbase_alias_oldname_to_v22_hsa_mmu_rno.tsv"
    assert read_mirna_names(table, problems) is None
    assert "old names alone do not say which names are in use" in str(problems.found.pop())
    mature = real_data / "mirbase" / "mature_v22.1_all_species_DNA.fa.gz"
    old = read_mirna_names(table, problems, mature=mature)
    assert old is not None and not problems.found
    kinds = set()
    for name in sorted(name for name in old.borne if name[:4] in ("hsa-", "mmu-", "rno-")):
        one, other = resolve_mirna(name, TAXA[name[:3]], old, suggest=False), resolve(name, TAXA[name[:3]])
        if one.id is not None and other.id is not None:
            assert one.id == other.id, name
        kinds.add((one.status, other.status))
    # Where only the history knows of a withdrawn bearer (rno-miR-17), it is the more careful.
    same = {(status, status) for status in ("renamed", "current", "ambiguous")}
    assert kinds == same | {("renamed", "ambiguous")}


def test_every_name_of_every_release_has_an_honest_answer(resolve, real_data):
    path = real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz"
    with gzip.open(path, "rt", newline="") as handle:
        rows = [row for row in csv.DictReader(handle, delimiter="\t") if row["type"] == "mature"]
    bearers: dict[str, set[str]] = {}
    for row in rows:
        bearers.setdefault(row["name"], set()).add(row["accession"])
    today = {row["name"]: row["accession"] for row in rows if row["version"] == "v22"}
    for name, ids in bearers.items():
        found = resolve(name, TAXA[name[:3]])
        assert found.status in STATUSES and (found.id is None) == (found.status not in RESOLVED)
        if name in today:
            assert (found.status, found.id) == ("current", today[name])
        elif len(ids) > 1:
            assert found.status == "ambiguous", name
        elif ids <= set(today.values()):
            assert (found.status, {found.id}) == ("renamed", ids), name
        else:
            assert found.status == "dead", name


def test_a_withdrawn_table_agrees_with_the_history(resolve, real_data):
    with (real_data / "mirbase" / "mirbase_dead_accessions_hsa_mmu_rno.tsv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle, delimiter="\t") if row["type"] == "mature"]
    assert len(rows) == 141
    for row in rows:
        assert resolve(row["accession"], TAXA[row["name"][:3]]).status == "dead"


def test_groups_cover_every_species_of_the_release(real_names):
    assert len(real_names.mirna.species) == 271
    assert set(real_names.mirna.groups) == set(real_names.mirna.species)
    assert real_names.mirna.groups["cel"] == "nematodes" and real_names.mirna.groups["rno"] == "rodents"


def test_the_features_of_a_real_deposit(resolve, real_data):
    """GSE198274: what is a name of miRBase is one of today; the rest are the pipeline's own predictions."""
    with (real_data / "gse198274" / "GSE198274_mirna_response.csv").open(newline="") as handle:
        names = sorted({row["mirna"] for row in csv.DictReader(handle)})
    found = {name: resolve(name, HUMAN) for name in names}
    assert sum(one.status == "current" for one in found.values()) == 282
    novel = {name for name, one in found.items() if one.status == "unresolved"}
    assert len(names) == 1239 == 282 + len(novel)
    assert all(name.startswith("novel_miR_") and found[name].suggestion is None for name in novel)

"""Gene symbols: approved ones first, synonyms only where they mean one gene, dates and slips never mended."""

import csv
import gzip

import pytest

from acuomics.catalogue.names import RESOLVED, read_gene_names, resolve_gene
from acuomics.inputs.dates import read_date
from acuomics.problems import Problems

RAT, MOUSE, HUMAN = 10116, 10090, 9606

GENE_INFO = """#tax_id\tGeneID\tSymbol\tLocusTag\tSynonyms\tdbXrefs\tchromosome\tdescription
10116\t117515\tSeptin2\t-\tSept2|Nedd5\tRGD:1\t9\tseptin "2
10116\t361135\tMarchf1\t-\tMarch1\tRGD:2\t16\tmembrane associated ring-CH-type finger 1
10116\t690745\tMtarc1\t-\tMarc1\tRGD:3\t13\tx
10116\t24577\tNov\t-\t-\tRGD:4\t7\tthe date-like symbol of before
10116\t1\tTwin\t-\tSame|Other\t-\t1\tx
10116\t2\tPair\t-\tSame|Twin\t-\t1\tx
10116\t3\tNA\t-\tLOC77\t-\t1\ta gene called NA
10116\t77\tLOC77\t-\t-\t-\t1\tx
10116\t88\tNamed1\t-\t-\t-\t1\tonce LOC88
10116\t9\tNEWENTRY\t-\t-\t-\t1\tx
9606\t10\tHUMAN1\t-\tSame\t-\t1\tof another species
"""


@pytest.fixture
def read(tmp_path):
    def run(text, taxon=RAT, **options):
        problems = Problems()
        (tmp_path / "names.txt").write_text(text)
        names = read_gene_names(taxon, tmp_path / "names.txt", problems, **options)
        return names, [str(problem) for problem in problems.found]

    return run


# Formats


def test_gene_info_of_ncbi(read, tmp_path):
    names, faults = read(GENE_INFO)
    assert not faults

    def answer(symbol):
        found = resolve_gene(symbol, RAT, {RAT: names})
        return found.status, found.id, found.current_name

    assert answer("Septin2") == ("current", "117515", "Septin2")
    assert answer("Sept2") == ("synonym", "117515", "Septin2")
    assert answer("NA") == ("current", "3", "NA")
    assert answer("LOC88") == ("renamed", "88", "Named1")
    assert answer("LOC77") == ("current", "77", "LOC77")
    assert answer("Same") == ("ambiguous", None, None)
    assert answer("Twin") == ("current", "1", "Twin")
    assert "also a synonym of Pair" in resolve_gene("Twin", RAT, {RAT: names}).reason
    for nobody in ("-", "NEWENTRY", "HUMAN1", "nedd"):
        assert answer(nobody) == ("unresolved", None, None), nobody
    with gzip.open(tmp_path / "names.gz", "wt") as handle:
        handle.write(GENE_INFO)
    assert read_gene_names(RAT, tmp_path / "names.gz", Problems()).approved == names.approved


@pytest.mark.parametrize(
    ("text", "taxon", "part"),
    [
        (GENE_INFO, 10090, "no gene is of taxon 10090"),
        (GENE_INFO.replace("Synonyms", "Aliases"), RAT, "column Synonyms: the column is missing"),
        (GENE_INFO.replace("\t117515\t", "\tx\t"), RAT, "row 1, value 'x': no NCBI Gene id"),
        (GENE_INFO[:-30], RAT, "cells where the header has 8"),
        ("symbol\tsynonyms\tspecies\nA\t-\tRat\n", RAT, "without NCBI Gene ids"),
        ("symbol\tsynonym\nA\t-\n", RAT, "column synonyms: the column is missing"),
        ("", RAT, "the file is empty"),
    ],
)
def test_faults_of_the_tables(read, text, taxon, part):
    names, faults = read(text, taxon)
    assert names is None and part in "\n".join(faults)


def test_pairs_need_rows_of_the_species(read, tmp_path):
    (tmp_path / "genes.tsv").write_text("ensgene\tentrez\tsymbol\nENSRNOG00000000001\t1\tA\n")
    pairs = "symbol\tsynonyms\tspecies\nA\tB\tRat\nLOC99\t-\tRat\nC\t-\tRat\n"
    names, faults = read(pairs, gene_table=tmp_path / "genes.tsv")
    assert not faults
    found = {name: resolve_gene(name, RAT, {RAT: names}) for name in ("A", "B", "C", "LOC99")}
    assert [found[name].id for name in found] == ["1", "1", None, "99"]
    assert found["C"].status == "current" and not found["C"].resolved and "no Gene id" in found["C"].reason
    assert "no symbol is of taxon 10090" in read(pairs, MOUSE, gene_table=tmp_path / "genes.tsv")[1][0]


# Dates


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ("1-Mar", {(3, 1)}), ("01-Mar", {(3, 1)}), ("Mar-01", {(3, 1)}), ("2-Sep", {(9, 2)}), ("Sep-02", {(9, 2)}),
        ("1-DEC", {(12, 1)}), ("4-Oct-2006", {(10, 4)}), ("2006-09-02", {(9, 2)}), ("2006-09-02 00:00:00", {(9, 2)}),
        ("9/2/2006", {(9, 2), (2, 9)}), ("13/2/2006", {(2, 13)}), ("38962", {(9, 2)}), ("36951", {(3, 1)}),
        ("Mar1", set()), ("MARCH1", set()), ("Sept2", set()), ("Mar-1", set()), ("24664", set()), ("2006-13-02", set()),
    ],
)  # fmt: skip
def test_forms_of_dates(name, read_as):
    assert set(read_date(name, day_numbers=True)) == read_as


def test_day_numbers_are_dates_only_when_asked():
    assert read_date("38962") == ()


def test_a_date_is_never_guessed(read):
    names, _ = read(GENE_INFO)
    march = resolve_gene("1-Mar", RAT, {RAT: names})
    assert (march.status, march.id, march.suggestion) == ("excel_date", None, None)
    assert {c.name for c in march.candidates} == {"Marchf1", "Mtarc1"}
    for name in ("2-Sep", "Sep-02", "2019-09-02"):
        september = resolve_gene(name, RAT, {RAT: names})
        # One symbol fits: it is suggested, and is no answer.
        assert (september.status, september.id, september.suggestion) == ("excel_date", None, "Septin2")
    assert "no known symbol" in resolve_gene("7-Aug", RAT, {RAT: names}).reason


# The real tables


@pytest.fixture
def resolve(real_names):
    return lambda symbol, taxon=RAT: resolve_gene(symbol, taxon, real_names.genes)


@pytest.mark.parametrize(
    ("symbol", "taxon", "status", "gene", "current", "suggestion"),
    [
        ("Casp9", RAT, "current", "58918", "Casp9", None),
        ("Pcsk1n", RAT, "current", "246333", "Pcsk1n", None),
        ("PCSK1N", HUMAN, "current", "27344", "PCSK1N", None),
        ("PCSK1N", RAT, "other_species", None, None, "Pcsk1n"),
        ("TRPV1", RAT, "other_species", None, None, "Trpv1"),
        ("Oasla", RAT, "unresolved", None, None, "Oas1a"),
        ("Esp8l1", RAT, "unresolved", None, None, "Eps8l1"),
        ("ATG9", RAT, "unresolved", None, None, None),
        ("cAMP", RAT, "unresolved", None, None, None),
        ("PKC", RAT, "unresolved", None, None, None),
        ("PLC", RAT, "unresolved", None, None, None),
        ("LC3-II", RAT, "unresolved", None, None, None),
        ("P62", RAT, "ambiguous", None, None, None),
        ("p62", RAT, "unresolved", None, None, None),
        ("Rab1", RAT, "ambiguous", None, None, None),
        ("MARCH1", HUMAN, "synonym", "55016", "MARCHF1", None),
        ("SEPT2", HUMAN, "ambiguous", None, None, None),
        ("DEC1", HUMAN, "ambiguous", None, None, None),
        ("1-Mar", RAT, "excel_date", None, None, None),
        ("2-Sep", HUMAN, "excel_date", None, None, None),
        ("1-Dec", HUMAN, "excel_date", None, None, None),
        ("2-Sep", RAT, "excel_date", None, None, "Septin2"),
        # Of the gene table's own, older symbols.
        ("Zadh2", RAT, "synonym", "291403", "Ptgr3", None),
    ],
)
def test_names_of_papers(resolve, symbol, taxon, status, gene, current, suggestion):
    found = resolve(symbol, taxon)
    assert (found.status, found.id, found.current_name, found.suggestion) == (status, gene, current, suggestion)
    assert found.reason


def test_the_date_of_march_has_both_families(resolve):
    rat, human = resolve("1-Mar"), resolve("1-Mar", HUMAN)
    assert {"Marchf1", "Mtarc1"} <= {c.name for c in rat.candidates}
    assert {"MARCHF1", "MTARC1"} <= {c.name for c in human.candidates}


def pairs(real_data, species):
    with gzip.open(real_data / "genes" / "geneinfo_synonyms_hsa_mmu_rno.tsv.gz", "rt", newline="") as handle:
        return [row for row in csv.DictReader(handle, delimiter="\t") if row["species"] == species]


def test_no_ambiguous_synonym_of_the_rat_is_resolved_silently(resolve, real_data):
    rows = pairs(real_data, "Rat")
    symbols: dict[str, set[str]] = {}
    for row in rows:
        symbols.setdefault(row["synonyms"], set()).add(row["symbol"])
    several = {name for name, found in symbols.items() if len(found) > 1}
    # 279 with the dash that stands for "no synonym"; 278 names.
    assert len(several) == 279 and "-" in several
    approved = {row["symbol"] for row in rows}
    assert resolve("-").status == "unresolved"
    for name in several - {"-"}:
        found = resolve(name)
        if name in approved:
            assert found.status == "current" and found.current_name == name
            assert "also a synonym of" in found.reason
        else:
            assert (found.status, found.id, found.suggestion) == ("ambiguous", None, None), name
            assert symbols[name] <= {c.name for c in found.candidates}
    assert len((several - {"-"}) & approved) == 20


def test_an_approved_symbol_comes_first_and_says_what_else_it_is(resolve, real_data, real_names):
    rows = pairs(real_data, "Rat")
    approved = {row["symbol"] for row in rows}
    also = [(row["synonyms"], row["symbol"]) for row in rows if row["synonyms"] in approved]
    assert (len(also), len({name for name, _ in also})) == (496, 474)
    several_ids = set()
    for name, _ in also:
        found = resolve(name)
        if found.status == "ambiguous":
            # The gene table has several ids for the symbol itself; even then no other symbol is meant.
            assert {c.name for c in found.candidates} == {name}
            several_ids.add(name)
            continue
        assert (found.status, found.current_name) == ("current", name)
        assert "also a synonym of" in found.reason and "the approved symbol comes first" in found.reason
    assert several_ids == {name for name, _ in also if len(real_names.genes[RAT].approved[name]) > 1}
    assert len(several_ids) < len(also) / 10
    for symbol in approved:
        assert resolve_gene(symbol, RAT, real_names.genes, suggest=False).status in ("current", "ambiguous")


@pytest.mark.parametrize(("taxon", "species"), [(RAT, "Rat"), (MOUSE, "Mouse"), (HUMAN, "Human")])
def test_a_synonym_leads_to_its_own_gene_or_nowhere(real_names, real_data, taxon, species):
    own = {taxon: real_names.genes[taxon]}
    for row in pairs(real_data, species)[::7]:
        found = resolve_gene(row["synonyms"], taxon, own, suggest=False)
        if found.status == "synonym":
            assert found.current_name == row["symbol"]
        assert (found.id is None) or found.status in RESOLVED

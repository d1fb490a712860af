"""Validated targets: names, methods, species, and what becomes of every row."""

from pathlib import Path

import pytest

from acuomics.catalogue.names import read_mirna_names
from acuomics.mechanisms.targets.methods import effect_level_of, methods_in, read_methods, strength_of
from acuomics.mechanisms.targets.read import Targets, read_targets
from acuomics.problems import InputError, Problems

METHODS = Path(__file__).parents[4] / "resources" / "targets" / "methods.tsv"

HISTORY = """accession\ttype\tversion\tname
MIMAT0000606\tmature\tv9_2\trno-miR-7
MIMAT0000606\tmature\tv10\trno-miR-7a
MIMAT0000606\tmature\tv22\trno-miR-7a-5p
MIMAT0000780\tmature\tv22\trno-miR-7b
MIMAT0000677\tmature\tv22\tmmu-miR-7a-5p
MIMAT0000252\tmature\tv22\thsa-miR-7-5p
MIMAT0009999\tmature\tv10\trno-miR-9999
MIMAT0000606\tmature\tv10\trno-miR-twin
MIMAT0000780\tmature\tv10\trno-miR-twin
MI0000641\thairpin\tv22\trno-mir-7a-1
"""
HEAD = (
    "mirtarbase_id\tmirna\tspecies_mirna\ttarget_gene\ttarget_entrez\tspecies_target\texperiments\tsupport_type\tpmid"
)
RAT = "Rattus norvegicus"


def row(mirna="rno-miR-7a-5p", gene="24766", how="Western blot", pmid="23861446", species=RAT, other=None, id_="MIRT1"):
    return "\t".join([id_, mirna, species, "Scn2b", gene, other or species, how, "Functional MTI", pmid])


@pytest.fixture
def read(tmp_path):
    def run(*rows: str, head: str = HEAD, history: str = HISTORY) -> Targets:
        (tmp_path / "history.tsv").write_text(history)
        (tmp_path / "targets.tsv").write_text("\n".join([head, *rows]) + "\n")
        problems = Problems()
        names = read_mirna_names(tmp_path / "history.tsv", problems)
        methods = read_methods(METHODS, problems)
        problems.raise_if_any()
        assert names is not None and methods is not None
        targets = read_targets(tmp_path / "targets.tsv", names, methods, problems)
        problems.raise_if_any()
        assert targets is not None
        return targets

    return run


def test_old_names_lead_to_the_accession(read):
    table = read(row("rno-miR-7"), row("rno-miR-7a", gene="2"), row(gene="3")).table
    assert set(table["mimat"]) == {"MIMAT0000606"}
    assert set(table["mirna"]) == {"rno-miR-7a-5p"}


def test_names_that_lead_nowhere_are_counted_with_their_reason(read):
    targets = read(
        row("rno-miR-9999"), row("rno-miR-twin"), row("rno-mir-7a-1"), *[row(gene=str(g)) for g in range(1, 9)]
    )
    assert targets.facts["dropped"] == {"unresolved_name": 3}
    assert targets.facts["unresolved_names"] == {
        "rno-miR-9999": "MIMAT0009999 was withdrawn after v10",
        "rno-miR-twin": "2 entries have borne this name: "
        "rno-miR-7a-5p (MIMAT0000606) until v10; rno-miR-7b (MIMAT0000780) until v10",
        "rno-mir-7a-1": "the name of a hairpin (MI0000641), not of a mature miRNA",
    }
    assert targets.facts["n_in"] == targets.facts["n_out"] + targets.facts["merged"] + 3


def test_only_one_species_on_both_sides(read):
    targets = read(
        row(),
        row("mmu-miR-7a-5p", species="Mus musculus", other=RAT),
        row("ebv-miR-1", species="Epstein Barr virus"),
    )
    assert list(targets.table["species"]) == [10116]
    assert targets.facts["dropped"] == {"other_species": 1, "two_species": 1}


def test_records_of_a_pair_are_merged_and_keep_every_pmid(read):
    targets = read(
        row(how="Western blot", pmid="30", id_="MIRT2"),
        row("rno-miR-7a", how="Luciferase reporter assay//qRT-PCR", pmid="4"),
        row(how="Western blot", pmid="30", id_="MIRT2"),
    )
    assert len(targets.table) == 1
    (pair,) = targets.table.to_dict("records")
    assert (pair["pmids"], pair["source_ids"], pair["n_records"]) == ("4|30", "MIRT1|MIRT2", 3)
    assert (pair["effect_level"], pair["strength"]) == ("both", "strong")
    assert targets.facts["merged"] == 2


@pytest.mark.parametrize(
    ("experiments", "strength", "level"),
    [
        ("Luciferase reporter assay//Western blot//Northern blot//qRT-PCR", "strong", "both"),
        ("Luciferase reporter assay", "strong", "reporter"),
        ("Wetsern blot", "strong", "protein"),
        ("QRTPCRWestern blot", "strong", "both"),
        ("Reporter assay;Microarray", "strong", "mRNA"),
        ("pSILAC", "weak", "protein"),
        ("HITS-CLIP", "weak", "binding"),
        ("ELISA//Microarray", "weak", "both"),
        ("cell cycle assays", "weak", "unknown"),
        ("", "weak", "unknown"),
    ],
)
def test_experiments(experiments, strength, level):
    problems = Problems()
    found = methods_in(experiments, read_methods(METHODS, problems) or [])
    assert not problems.found
    assert (strength_of(found), effect_level_of(found)) == (strength, level)


def test_every_fault_is_told_at_once(read):
    bad = [row(gene="Scn2b"), row(pmid="PMC12"), row("mmu-miR-7a-5p"), *[row(gene="x")] * 7]
    with pytest.raises(InputError) as caught:
        read(row(), *bad)
    text = str(caught.value)
    assert "row 2, column target_entrez, value 'Scn2b': no NCBI Gene id" in text
    assert "row 3, column pmid, value 'PMC12': no PubMed id" in text
    assert "row 4, column mirna, value 'mmu-miR-7a-5p': the name is of another species" in text
    assert "a miRNA of Rattus norvegicus is named rno-..." in text
    assert "no NCBI Gene id, in 3 more rows" in text


def test_a_missing_column_and_a_name_table_of_another_species(read):
    with pytest.raises(InputError, match="column pmid: the column is missing"):
        read(row(), head=HEAD.replace("pmid", "reference"))
    with pytest.raises(InputError, match=r"1 of 1 rows have a miRNA that .* does not know"):
        read(row(), history="accession\ttype\tversion\tname\nMIMAT0000001\tmature\tv22\tcel-let-7-5p\n")


def test_faults_of_the_side_tables(tmp_path):
    problems = Problems()
    (tmp_path / "history.tsv").write_text("accession\ttype\tversion\tname\nMIMAT1\tmature\tnewest\tx\n")
    assert read_mirna_names(tmp_path / "history.tsv", problems) is None
    (tmp_path / "methods.tsv").write_text("keyword\tstrength\tmeasures\nWestern\tgood\tprotein\nqrt\tweak\trna\n")
    assert read_methods(tmp_path / "methods.tsv", problems) is None
    text = "\n".join(map(str, problems.found))
    for part in ("value 'newest': a release", "value 'good': a value", "value 'rna'", "'Western': a keyword is lower"):
        assert part in text


def test_the_real_table(real_data):
    problems = Problems()
    names = read_mirna_names(real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz", problems)
    methods = read_methods(METHODS, problems)
    assert names is not None and methods is not None
    path = real_data / "targets" / "miRTarBase_functional_MTI_hsa_mmu_rno.tsv.gz"
    targets = read_targets(path, names, methods, problems)
    assert not problems.found and targets is not None
    facts = targets.facts
    assert facts["n_in"] == 12812 == facts["n_out"] + facts["merged"] + sum(facts["dropped"].values())
    # Rats have few: 429 rows, 395 pairs, 144 miRNAs, and none is lost.
    assert facts["pairs_by_species"]["10116"] == 395
    assert facts["mirnas_by_species"]["10116"] == 144
    assert facts["dropped"] == {"two_species": 2, "unresolved_name": 23}
    assert len(facts["unresolved_names"]) == 12
    rat = targets.of_species(10116)
    scn2b = rat[(rat["mimat"] == "MIMAT0000606") & (rat["pmids"].str.contains("23861446"))]
    assert list(scn2b["symbol"]) == ["Scn2b"]
    assert not targets.table.duplicated(["species", "mimat", "target_ncbi"]).any()

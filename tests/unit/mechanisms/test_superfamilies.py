"""The super-families: fixed sets, found by gene id, with the direction that the claims ask for."""

from pathlib import Path

import pytest

from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.superfamilies import read_superfamilies, superfamilies_of
from acuomics.problems import Problems

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "mechanisms"
RAT = 10116
SIX = ["opioid_precursors", "proinflammatory_cytokines", "chemokine_ligands", "microglia", "astrocyte", "mast_cell"]


@pytest.fixture(scope="module")
def curated():
    return load_set(FOLDER)


@pytest.fixture(scope="module")
def table(curated):
    problems = Problems()
    found = read_superfamilies(str(FOLDER / "superfamilies.tsv"), curated, problems)
    assert not problems.found
    return found


def ids(curated, *symbols):
    rat = curated.members[curated.members["species"] == str(RAT)].drop_duplicates("symbol").set_index("symbol")
    return [rat.loc[symbol, "gene_ncbi"] for symbol in symbols]


def test_the_six_families_stand_in_their_order(curated, table):
    sets = superfamilies_of(table, curated, RAT, "spinal", [])
    assert list(sets) == SIX
    assert all(family.positions.size == 0 and family.absent for family in sets.values())
    assert {name for name, family in sets.items() if not family.in_scope} == {"mast_cell"}
    assert {name for name, family in sets.items() if family.two_sided} == {"chemokine_ligands"}


def test_signs_are_those_of_the_claims(curated, table):
    features = [None, *ids(curated, "Aif1", "P2ry12", "Penk", "Il1b", "Kit"), "999999999"]
    sets = superfamilies_of(table, curated, RAT, "spinal", features)
    # Less activation: the marker falls, and the gene of resting microglia rises.
    assert dict(zip(sets["microglia"].positions, sets["microglia"].signs, strict=True)) == {1: -1.0, 2: 1.0}
    assert sets["opioid_precursors"].signs.tolist() == [1.0]
    assert sets["proinflammatory_cytokines"].signs.tolist() == [-1.0]
    assert sets["mast_cell"].positions.tolist() == [5]
    assert "Gfap" in sets["astrocyte"].absent


def test_receptors_enzymes_of_degradation_and_kinases_are_no_members(curated, table):
    features = ids(curated, "Oprm1", "Mme", "Il1r1", "Cxcr4", "Mapk14")
    sets = superfamilies_of(table, curated, RAT, "spinal", features)
    assert all(family.positions.size == 0 for family in sets.values())


def test_a_symbol_never_joins(curated, table):
    sets = superfamilies_of(table, curated, RAT, "spinal", ["Aif1", "Gfap", None])
    assert all(family.positions.size == 0 for family in sets.values())


def test_faults_are_reported_together(curated, tmp_path):
    path = tmp_path / "superfamilies.tsv"
    path.write_text(
        "superfamily\tmechanism_id\troles\tclaimed_sign\tlevels\twhy\n"
        "a\tEAM:9999\tmarker\t+\tspinal\tx\n"
        "b\tEAM:0018\tmarker\tup\tspine\tx\n"
        "c\tEAM:0018\tmarker\t+\tspinal\tx\n"
        "c\tEAM:0019\tmarker\ttwo_sided\tspinal\tx\n"
    )
    problems = Problems()
    read_superfamilies(str(path), curated, problems)
    text = "\n".join(map(str, problems.found))
    for part in ("row 1, column mechanism_id", "row 2, column claimed_sign", "row 2, column levels", "two families"):
        assert part in text

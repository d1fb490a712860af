"""The small reference of a simulated study: real miRNAs as they are, invented ones apart from them and one another."""

import copy
import gzip
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from acuomics.catalogue.schema import check_schema
from acuomics.files import read_tsv
from acuomics.problems import InputError, Problems
from acuomics.simulate import reference as module
from acuomics.simulate.library import ReadsSpec
from acuomics.simulate.mirnas import read_contaminants, read_listed
from acuomics.simulate.reference import make_reference, write_reference
from tests.unit.simulate.naive import read_fasta

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "resources" / "studies" / "demo_phn_mirna"
TABLE = dict.fromkeys(("feature", "symbol", "sequence", "precursors", "following"), str)
SAMPLES = [str(name) for name in read_tsv(FOLDER / "samples.tsv")["sample"]]


def study():
    return yaml.safe_load((FOLDER / "study.yaml").read_text())


def features():
    return read_tsv(FOLDER / "features.tsv", dtype=TABLE)


def contaminants():
    return read_tsv(FOLDER / "contaminants.tsv", dtype=str)


@pytest.fixture(scope="module")
def reference():
    spec = replace(ReadsSpec.from_study(study()["simulation"], SAMPLES), paralogues=0.2, two_hairpins=0.25)
    listed = read_listed(features(), "Rattus norvegicus")
    names = [f"sim-miR-{i:04d}" for i in range(1, 101)]
    return make_reference(listed, names, read_contaminants(contaminants(), "rno"), spec, "Rattus norvegicus", [1, 2])


def nearest(a, b):
    """Fewest differing letters of two sequences laid over one another, shifted by up to three."""
    shifted = [(a[s:], b) for s in range(4)] + [(a, b[s:]) for s in range(1, 4)]
    return min(sum(x != y for x, y in zip(p, q, strict=False)) for p, q in shifted)


def test_invented_mirnas_are_three_substitutions_apart_but_for_the_paralogues(reference):
    real = len(features())
    sequences = [m.sequence for m in (*reference.mirnas, *reference.contaminants)]
    pairs = {frozenset(pair) for pair in reference.paralogues}
    assert len(pairs) == 10
    for i, j in itertools.combinations(range(len(sequences)), 2):
        if frozenset((i, j)) in pairs:
            differ = [k for k, (x, y) in enumerate(zip(sequences[i], sequences[j], strict=True), 1) if x != y]
            assert len(differ) == 1 and 10 <= differ[0] <= 14
        elif real <= j < len(reference.mirnas) or real <= i < len(reference.mirnas):
            assert nearest(sequences[i], sequences[j]) >= 3, (i, j)


def test_the_distance_is_kept_where_chance_would_not_keep_it(monkeypatch):
    """Among 60 random matures some pair differs at fewer than 9 bases at some shift; asked for 9, none does."""
    spec = replace(ReadsSpec.from_study(study()["simulation"], SAMPLES), paralogues=0)
    names = [f"sim-miR-{i}" for i in range(60)]
    least = {}
    for distance in (0, 9):
        monkeypatch.setattr(module, "DISTANCE", distance)
        made = make_reference([], names, [], spec, "R", [3]).mirnas
        least[distance] = min(nearest(a.sequence, b.sequence) for a, b in itertools.combinations(made, 2))
    assert least[0] < 9 <= least[9]


def test_a_mature_lies_once_in_each_of_its_hairpins_and_in_no_other(reference):
    for mirna in reference.mirnas:
        for other in reference.mirnas:
            for hairpin in other.hairpins:
                assert hairpin.sequence.count(mirna.sequence) == (other is mirna)
                if other is mirna:
                    assert hairpin.sequence.find(mirna.sequence) == hairpin.start
                    assert 5 <= hairpin.start <= len(hairpin.sequence) - len(mirna.sequence) - 5
    invented = [m for m in reference.mirnas if "sim" in m.name]
    assert sorted(len(m.hairpins) for m in invented) == [1] * 75 + [2] * 25


def test_the_22_mer_of_mir_223_3p_is_templated(reference):
    (mirna,) = [m for m in reference.mirnas if m.name == "rno-miR-223-3p"]
    assert len(mirna.sequence) == 21
    assert f"{mirna.sequence}A" in mirna.hairpins[0].sequence


def test_real_mirnas_are_those_of_the_curated_tables():
    curated = pd.read_csv(ROOT / "resources/mechanisms/mirnas.tsv", sep="\t", dtype=str).drop_duplicates("mimat")
    facts = curated.set_index("mimat").loc[features()["feature"]]
    for name, column in (("sequence", "sequence"), ("precursors", "precursors"), ("symbol", "name_v22")):
        assert features()[name].tolist() == facts[column].tolist()


def test_real_mirnas_are_those_of_mirbase(real_data):
    with gzip.open(real_data / "mirbase" / "mature_v22.1_all_species_DNA.fa.gz", "rt") as file:
        lines = file.read().split("\n")
    known = {head.split()[1]: (head[1:].split()[0], body) for head, body in zip(lines[::2], lines[1::2], strict=False)}
    for row in pd.concat([features(), contaminants()]).itertuples():
        assert known[row.feature] == (row.symbol, row.sequence.replace("U", "T"))


def test_the_rat_hairpin_of_mir_223_goes_on_with_a(real_data):
    hairpins = read_fasta(real_data / "mirbase" / "hairpin_rno_v22.fa")
    (mirna,) = features()[features()["symbol"] == "rno-miR-223-3p"].itertuples()
    assert f"{mirna.sequence}{mirna.following}".replace("U", "T") in hairpins["rno-mir-223 MI0000963"]


def test_files_are_as_mirbase_writes_them_and_say_simulated(reference, tmp_path):
    write_reference(reference, tmp_path)
    mature = (tmp_path / "mature.fa").read_text()
    assert mature.startswith(">rno-miR-7a-5p MIMAT0000606 Rattus norvegicus miR-7a-5p\nUGGAAGACUAGUGAUUUUGUUGU\n")
    assert ">rno-sim-miR-0001 sim-miR-0001 Rattus norvegicus sim-miR-0001\n" in mature
    assert ">ath-miR159a MIMAT0000177 Arabidopsis thaliana miR159a\n" in mature
    hairpins = (tmp_path / "hairpin.fa").read_text()
    heads = re.findall(r"^>(\S+) (\S+) Rattus norvegicus (\S+) stem-loop, simulated$", hairpins, re.M)
    assert len(heads) == hairpins.count(">") and "ath-" not in hairpins
    assert ("rno-mir-7a-2", "MI0000836", "mir-7a-2") in heads
    for text in (mature, hairpins):
        assert re.fullmatch(r"(>[^\n]+\n[ACGU]+\n)+", text)
    table = read_tsv(tmp_path / "other" / "other.tsv")
    assert set(table["class"]) == {"rrna", "trna", "yrna", "snorna", "mrna"}
    for row in table.itertuples():
        entries = read_fasta(tmp_path / "other" / row.path)
        assert entries and all(re.fullmatch(rf"sim-{row[1]}-\d\d simulated", head) for head in entries)
    assert all(s.endswith("CCA") for s in read_fasta(tmp_path / "other" / "trna.fa").values())


def test_same_seed_same_reference(reference):
    spec = ReadsSpec.from_study(study()["simulation"], SAMPLES)
    listed = read_listed(features(), "Rattus norvegicus")
    one, two, three = (make_reference(listed, ["sim-miR-1"], [], spec, "R", [seed]) for seed in (1, 1, 2))
    assert one == two and one.mirnas[-1].sequence != three.mirnas[-1].sequence


def schema_faults(change):
    content = study() | {"reads": {"adapter": "auto"}}
    change(content["simulation"])
    problems = Problems()
    check_schema(content, "study", "study.yaml", problems)
    return problems.found


def test_the_demo_fits_the_schema():
    assert schema_faults(lambda simulation: None) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (lambda s: s.pop("reads"), "simulation.reads"),
        (lambda s: s["reads"].update(depth=3), "simulation.reads.depth"),
        (lambda s: s["reads"].update(error_rate=0.5), "simulation.reads.error_rate"),
        (lambda s: s["reads"]["kits"]["truseq"].update(adapter="tggaattc"), "simulation.reads.kits.truseq.adapter"),
        (lambda s: s["reads"]["kits"]["qiaseq"].pop("umi_length"), "simulation.reads.kits.qiaseq.umi_length"),
        (lambda s: s["reads"]["shares"].update(piRNA=0.1), "simulation.reads.shares.piRNA"),
        (lambda s: s["reads"]["isomirs"].update(addition=1.5), "simulation.reads.isomirs.addition"),
        (lambda s: s["reads"].update(pcr_copies=0.5), "simulation.reads.pcr_copies"),
    ],
)
def test_faults_that_the_schema_finds(change, column):
    assert [problem.column for problem in schema_faults(change)] == [column]


def test_faults_that_only_the_whole_shows_are_told_at_once():
    simulation = copy.deepcopy(study()["simulation"])
    simulation["n_features"] = 6000
    reads = simulation["reads"]
    reads |= {"kit": "trueseq", "exceptions": {"control_9": "qiaseq"}, "shares": {"rrna": 0.97}}
    reads["kits"]["qiaseq"]["read_length"] = 50
    reads["reference"] |= {"paralogues": 0.7, "two_hairpins": 0.4}
    with pytest.raises(InputError) as caught:
        ReadsSpec.from_study(simulation, SAMPLES)
    text = {problem.column.removeprefix("simulation."): str(problem) for problem in caught.value.problems}
    assert set(text) == {
        "n_features",
        "reads.kit",
        "reads.exceptions",
        "reads.shares",
        "reads.reference",
        "reads.kits.qiaseq.read_length",
    }
    assert "did you mean 'truseq'" in text["reads.kit"]
    assert "at least 61" in text["reads.kits.qiaseq.read_length"]


def test_faults_of_the_tables_name_row_and_column():
    table = features()
    table.loc[0, "sequence"] = "TGGAAGACTAGTGATTTTGTTGT"
    table.loc[1, "precursors"] = "rno-mir-7a-1:MI0000641"
    table.loc[2, "following"] = "N"
    table.loc[3, "precursors"] = "rno-mir-206"
    with pytest.raises(InputError) as caught:
        read_listed(table, "Rattus norvegicus")
    places = [(problem.row, problem.column) for problem in caught.value.problems]
    assert places == [(1, "sequence"), (2, "precursors"), (3, "following"), (4, "precursors")]
    with pytest.raises(InputError, match="column sequence"):
        read_listed(features().drop(columns="sequence"), "Rattus norvegicus")
    foreign = contaminants()
    foreign.loc[1, "symbol"] = "rno-miR-9a-5p"
    foreign.loc[2, "sequence"] = None
    with pytest.raises(InputError) as caught:
        read_contaminants(foreign, "rno")
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "symbol"), (3, "sequence")]

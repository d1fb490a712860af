"""Real small-RNA reads through the whole stage: kit, species, molecules, and the same counts by bowtie."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from acuomics.smallrna.run import References, count_study
from tests.benchmark.smallrna_peers import OUTPUTS, SPECIES, matures_of
from tests.conftest import REPO

#: File to its kit and species (MANIFEST.tsv states the species of the last only; the reads tell those of the others).
FILES = {
    "sample1": ("truseq", "Homo sapiens", "hsa"),
    "sample2": ("truseq", "Homo sapiens", "hsa"),
    "QiaSeq_data": ("qiaseq", "Mus musculus", "mmu"),
    "encode_hepg2_raw": ("encode", "Homo sapiens", "hsa"),
}
NAMES = {"hsa": "Homo sapiens", "mmu": "Mus musculus", "rno": "Rattus norvegicus"}


def count(real: Path, names: list[str], species: str, out: Path, engine: str = "packed") -> Path:
    folder = real / "fastq_smallrna"
    if not folder.is_dir():
        pytest.skip(f"no real small-RNA reads: {folder}")
    resources = REPO / "resources"
    references = References(
        mature=str(matures_of(real / "mirbase")),
        hairpins=[str(real / "mirbase" / f"hairpin_{prefix}_v22.fa") for prefix in SPECIES],
        other=None,
        kits=str(resources / "adapters" / "kits.tsv"),
        clades=str(resources / "names" / "clades.tsv"),
        markers=str(resources / "smallrna" / "markers.tsv"),
    )
    files = {name: [f"{name}.fastq.gz"] for name in names}
    record = {
        "study": "real",
        "species": species,
        "samples": [{"sample": name} for name in names],
        "reads": {"adapter": "auto", "files": files},
    }
    settings = {"engine": engine, "sharing": "equal", "correct_errors": True}
    count_study(record, [str(folder)], references, settings, {name: str(out / name) for name in OUTPUTS}, threads=2)
    return out


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / name, sep="\t")


@pytest.fixture(scope="module")
def counted(request, tmp_path_factory):
    """Folder of outputs by species, each file counted as what it is."""
    real = request.getfixturevalue("real_data")
    out = tmp_path_factory.mktemp("real")
    found = {}
    for prefix in ("hsa", "mmu"):
        names = [name for name, (_, _, of) in FILES.items() if of == prefix]
        found[prefix] = count(real, names, NAMES[prefix], out / prefix)
    return found


@pytest.mark.parametrize("name", FILES)
def test_kit_and_species_are_called(counted, name):
    kit, _, prefix = FILES[name]
    out = counted[prefix]
    facts = json.loads((out / "facts").read_text())["samples"][name]
    assert (facts["adapter"]["how"], facts["adapter"]["kit"]["kit"]) == ("known", kit)
    assert facts["adapter"]["share"] >= 0.83 and facts["adapter"]["insert_peak"] in (22, 23)
    summary = table(out, "summary").set_index("sample").loc[name]
    assert (summary["species"], summary["species_verdict"]) == (prefix, "confirmed")
    qc = table(out, "qc").set_index("sample").loc[name]
    # Ten thousand reads are too few for a study, and nothing else may be wrong with these.
    assert qc["verdict"] == "reject" and "miRNA" in qc["reasons"] and "the reads are of" not in qc["reasons"]
    # Reads of the two tutorial files and molecules of the other two.
    assert summary["mirna"] > 500 and summary["detected"] > 50


def test_molecules_are_at_most_reads(counted):
    facts = json.loads((counted["mmu"] / "facts").read_text())["samples"]["QiaSeq_data"]
    summary = table(counted["mmu"], "summary").set_index("sample").loc["QiaSeq_data"]
    assert summary["unit"] == "umis"
    assert 0 < summary["reads"] <= facts["raw_umis"] <= facts["totals"]["kept"]
    total = table(counted["mmu"], "counts")["QiaSeq_data"].sum()
    assert 0 < total <= summary["mirna"] <= facts["raw_umis"]


def test_barcodes_before_the_inserts_are_cut_off(counted):
    """ENCODE's HepG2 library: without its 6 nt at the 5' end next to nothing would be a miRNA."""
    facts = json.loads((counted["hsa"] / "facts").read_text())["samples"]["encode_hepg2_raw"]
    assert facts["adapter"]["kit"]["head5"] > 0
    classes = table(counted["hsa"], "classes").set_index(["sample", "class"])["share"]
    assert classes["encode_hepg2_raw", "mirna"] > 0.5


@pytest.mark.parametrize("prefix", ["hsa", "mmu"])
def test_the_wrong_species_is_rejected(real_data, tmp_path, prefix):
    names = [name for name, (_, _, of) in FILES.items() if of == prefix]
    out = count(real_data, names, "Rattus norvegicus", tmp_path)
    qc = table(out, "qc")
    assert (qc["verdict"] == "reject").all()
    assert all(f"the reads are of {prefix}, not rno" in reasons for reasons in qc["reasons"])


@pytest.mark.skipif(shutil.which("bowtie") is None, reason="bowtie is not on PATH")
@pytest.mark.parametrize("prefix", ["hsa", "mmu"])
def test_cutadapt_and_bowtie_agree(real_data, counted, tmp_path, prefix):
    names = [name for name, (_, _, of) in FILES.items() if of == prefix]
    other = table(count(real_data, names, NAMES[prefix], tmp_path, "bowtie"), "fractions")
    fast = table(counted[prefix], "fractions")
    for name in names:
        a, b = fast[name], other[name]
        enough = (a > 10) | (b > 10)
        assert enough.sum() > 30 and a[enough].corr(b[enough], method="spearman") >= 0.98
        assert abs(a.sum() - b.sum()) <= 0.01 * b.sum()

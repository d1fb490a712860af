"""Real small-RNA reads: the adapter found in each file, molecules at most reads; and simulated reads of real miRNAs."""

from __future__ import annotations

import numpy as np
import pytest

from acuomics.problems import Problems
from acuomics.smallrna.collapse import collapse
from acuomics.smallrna.detect import find_adapter
from acuomics.smallrna.inserts import pack
from acuomics.smallrna.kits import read_kits
from tests.benchmark.smallrna_reads import simulate
from tests.conftest import REPO

KITS = read_kits(REPO / "resources" / "adapters" / "kits.tsv", Problems())
#: MANIFEST.tsv's shares are those of the whole adapter; ours include adapters that the end of the read cuts off.
CASES = {
    "sample1": ("truseq", 0.83),
    "sample2": ("truseq", 0.84),
    "QiaSeq_data": ("qiaseq", 0.85),
    "encode_hepg2_raw": ("encode", 0.85),
}


@pytest.fixture(scope="module")
def folder(request):
    real = request.getfixturevalue("real_data") / "fastq_smallrna"
    if not real.is_dir():
        pytest.skip(f"no real small-RNA reads: {real}")
    return real


@pytest.mark.parametrize("name", CASES)
def test_the_adapter_is_found_and_the_inserts_peak_at_a_mirnas_length(folder, name):
    kit, share = CASES[name]
    file = folder / f"{name}.fastq.gz"
    call = find_adapter([file], KITS)
    assert (call.how, call.kit.kit) == ("known", kit)
    assert share <= call.share <= 1 and call.insert_peak in (22, 23)
    inserts, totals = collapse([file], call.kit, threads=2)
    assert totals.total.kept == inserts.reads.sum() > 4_000
    if call.kit.umi_length:
        assert (inserts.umis <= inserts.reads).all()
        assert 0 < inserts.umis.sum() <= totals.raw_umis <= totals.total.kept
    else:
        assert inserts.umis is None


@pytest.mark.parametrize("name", CASES)
def test_the_adapter_is_found_de_novo_too(folder, name):
    """Without the kit in the table; of the ENCODE library also that 6 nt of barcode come first."""
    kit = next(kit for kit in KITS if kit.kit == CASES[name][0])
    others = [other for other in KITS if other.adapter3[-12:] not in kit.adapter3]
    call = find_adapter([folder / f"{name}.fastq.gz"], others)
    assert call.how == "de_novo"
    shorter = min(len(kit.adapter3), len(call.kit.adapter3))
    assert shorter >= 19 and call.kit.adapter3[:shorter] == kit.adapter3[:shorter]
    assert call.kit.head5 == kit.head5 and call.insert_peak in (22, 23)


def test_simulated_real_mirnas_are_there_in_the_numbers_put_in(real_data, tmp_path):
    truth = simulate(tmp_path / "a.fq.gz", 100_000, 0.0, 1, real_data / "mirbase")
    inserts, totals = collapse([tmp_path / "a.fq.gz"], find_adapter([tmp_path / "a.fq.gz"], KITS).kit, threads=2)
    assert totals.total.reads == 100_000
    # Some miRNAs have the same mature sequence (rno-let-7a-1-3p and rno-let-7c-2-3p).
    top = truth.groupby("mature", as_index=False)["reads"].sum().nlargest(50, "reads")
    reads = dict(zip(inserts.keys.tolist(), inserts.reads.tolist(), strict=True))
    exact = np.array([reads.get(pack(mature), 0) for mature in top["mature"]])
    # Of each miRNA's reads 0.9 x 0.55 are neither longer nor shorter at either end.
    assert abs(exact.sum() / top["reads"].sum() - 0.9 * 0.55) < 0.02

"""Exports say what the set says, and nothing that it does not settle."""

import json

import numpy as np
import pandas as pd
import pytest

from acuomics.mechanisms.curated import SPECIES
from acuomics.mechanisms.exports import export_set, file_names
from acuomics.mechanisms.package import values
from acuomics.mechanisms.signed import TIERS, signed_members
from acuomics.mechanisms.signs import SIGN_COLUMN_OF_LEVEL, read_sign


@pytest.fixture(scope="module")
def folder(curated, tmp_path_factory):
    path = tmp_path_factory.mktemp("exports")
    export_set(curated, path)
    return path


def sets(path):
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: (about, members) for name, about, *members in lines}


@pytest.fixture(scope="module")
def gpad(folder):
    return pd.read_csv(folder / "annotations.gpad.tsv", sep="\t", dtype=str, keep_default_na=False)


def test_the_files_named_are_the_files_written(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(file_names())
    assert len(file_names()) == 3 * 4 * 2 + 3 * 2 + 2


def test_the_same_set_gives_the_same_bytes(curated, folder, tmp_path):
    export_set(curated, tmp_path)
    for name in file_names():
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("taxon", SPECIES)
def test_gene_sets_and_net_hold_the_same(curated, folder, taxon):
    species, signed = SPECIES[taxon], signed_members(curated, taxon).members
    assert len(signed) == 88
    for name, column in (("id", "key"), ("symbol", "symbol")):
        from_gmt = set()
        for tier in TIERS:
            for label, (about, members) in sets(folder / f"{species}.{tier}.{name}.gmt").items():
                assert about.startswith(
                    f"acuomics:{curated.version};sha256:{curated.sha256};taxon:{taxon};tier:{tier};claims:EAA:"
                )
                assert members == sorted(set(members))
                assert not any(character.isspace() for cell in (label, about, *members) for character in cell)
                source, _, direction = label.rpartition("_")
                from_gmt |= {(source, member, {"UP": 1, "DN": -1}[direction]) for member in members}
        net = pd.read_csv(folder / f"{species}.net.{name}.tsv", sep="\t", dtype={"source": str, "target": str})
        assert list(net.columns) == ["source", "target", "weight"]
        assert not net.duplicated(["source", "target"]).any()
        assert set(net["weight"]) == {1, -1}
        assert set(net.itertuples(index=False, name=None)) == from_gmt
        assert set(net["target"]) == set(signed[column])


def test_directions_of_claims(folder):
    named = sets(folder / "rat.seed_named.symbol.gmt")
    assert named["EAM:0020_IL1B_spinal_DN"][1] == ["Il1b"]
    assert named["EAM:0023_IL10_DRG_UP"][1] == ["Il10"]
    assert named["EAM:0036_miR_223_3p_spinal_UP"][1] == ["rno-miR-223-3p"]
    astrocyte = sets(folder / "rat.seed_proxy.symbol.gmt")["EAM:0019_astrocyte_spinal_DN"]
    assert {"Gfap", "Vim"} <= set(astrocyte[1])
    assert astrocyte[0].endswith("claims:EAA:A085")
    ids = sets(folder / "rat.seed_named.id.gmt")
    assert ids["EAM:0020_IL1B_spinal_DN"][1] == ["24494"]


def test_signs_agree_with_the_curators_reading_of_each_mechanism(curated):
    rows = {row["mechanism_id"]: row for row in curated.mechanisms.to_dict("records")}
    checked = 0
    for row in signed_members(curated, 10116).members.to_dict("records"):
        mechanism = rows[row["mechanism_id"]]
        read = read_sign(mechanism[SIGN_COLUMN_OF_LEVEL[row["level"]]], mechanism["sign_status"])
        if not read.reason:
            checked += 1
            assert row["weight"] == (1 if read.sign == "up" else -1), row
        assert read.sign != "conditional"
    assert checked >= 15


def test_contradicting_claims_give_no_sign(curated, folder):
    left = json.loads((folder / "set.json").read_text(encoding="utf-8"))["left_out"]
    pairs = {(row["mechanism_id"], row["level"]): row for row in left}
    assert pairs["EAM:0008", "brainstem"]["claims"] == ["EAA:A064", "EAA:B004"]
    assert pairs["EAM:0018", "spinal"]["reason"] == "the claims contradict one another"
    assert "frequency" in pairs["EAM:0003", "spinal"]["reason"]
    members = signed_members(curated, 10116).members
    assert not set(zip(members["mechanism_id"], members["level"], strict=True)) & set(pairs)
    # Where the claims agree, the same mechanism has a sign.
    assert ("EAM:0008", "spinal") in set(zip(members["mechanism_id"], members["level"], strict=True))


def test_two_sided_claims_and_untestable_ones_give_no_sign(curated):
    claims = {claim for cell in signed_members(curated, 10116).members["claims"] for claim in values(cell)}
    used = curated.claims[curated.claims["claim_id"].isin(claims)]
    assert set(used["direction"]) == {"+", "-"}
    assert set(used["testability"]) == {"direct", "weak"}
    members = signed_members(curated, 10116).members
    # Tph2 would be scored in the brainstem only, and there a small molecule is claimed.
    assert not members["symbol"].isin(["Tph2", "Dbh", "Mapk14", "Trpv1", "Gabra2", "Bdnf"]).any()


def test_every_claim_is_annotated(curated, gpad):
    claims = gpad["properties"].str.extract(r"claim=(EAA:[A-Z]\d{3})")[0]
    assert set(claims) == set(curated.claims["claim_id"])
    mechanisms = set(curated.mechanisms["mechanism_id"])
    assert set(gpad.loc[gpad["term_id"].str.startswith("EAM:"), "term_id"]) <= mechanisms
    assert {"system:technology", "system:stimulus"} <= set(gpad["term_id"])


def test_absence_is_negated_and_nothing_else(curated, gpad):
    denied = set(curated.claims.loc[curated.claims["negated"] == "true", "claim_id"])
    assert len(denied) == 6
    claims = gpad["properties"].str.extract(r"claim=(EAA:[A-Z]\d{3})")[0]
    assert set(claims[gpad["negation"] == "NOT"]) == denied
    assert set(gpad["negation"]) == {"", "NOT"}
    assert not claims[gpad["negation"] == ""].isin(denied).any()


def test_annotations_have_eco_and_reference(gpad):
    assert gpad["eco"].str.fullmatch(r"ECO:\d{7}").all()
    assert (gpad["reference"] != "").all()
    proxies = gpad[gpad["properties"].str.contains("member_tier=seed_proxy")]
    assert set(proxies["eco"]) == {"ECO:0000305"}
    pomc = gpad[(gpad["object_id"] == "NCBIGene:24664") & gpad["properties"].str.contains("EAA:A051")]
    assert set(pomc["negation"]) == {"NOT"}
    assert set(pomc["taxon"]) == {"NCBITaxon:10116"}
    assert set(pomc["eco"]) == {"ECO:0000304"}
    assert set(pomc["relation"]) == {"acupuncture_concerns_abundance"}


def test_set_json_carries_version_and_hash(curated, folder):
    summary = json.loads((folder / "set.json").read_text(encoding="utf-8"))
    assert (summary["version"], summary["sha256"]) == (curated.version, curated.sha256)
    assert summary["census"]["claims"] == {"extended": 39, "seed": 141}
    assert summary["census"]["unresolved_references"] == 76


def test_decoupler_reads_the_net_as_it_is(folder):
    decoupler = pytest.importorskip("decoupler", reason="decoupler is no dependency of the workflow")
    net = pd.read_csv(folder / "rat.net.symbol.tsv", sep="\t")
    genes = sorted(set(net["target"])) + [f"Other{i}" for i in range(200)]
    values = pd.DataFrame(np.random.default_rng(1).normal(size=(2, len(genes))), index=["a", "b"], columns=genes)
    values.loc["a", net.loc[net["source"] == "EAM:0019_astrocyte_spinal", "target"]] = -5.0
    scores, _ = decoupler.mt.ulm(values, net, tmin=5)
    # Claimed down and found down: the activity is positive.
    assert scores.loc["a", "EAM:0019_astrocyte_spinal"] > 5

"""Every fault of the curated set is found, with table, row, column, value and how to mend it; all at once."""

import json
import time

import pytest

from acuomics.mechanisms.curated import load_set
from acuomics.mechanisms.validation import check_set
from acuomics.problems import InputError, Problems

IL1B = {"claim_id": "EAA:B008"}
RAT_POMC = {"mechanism_id": "EAM:0032", "species": "10116", "symbol": "Pomc"}


def test_the_committed_set_has_no_fault(editable):
    assert editable.faults() == []


def test_a_member_that_resolves_to_two_ids(editable):
    row = editable.put("members", RAT_POMC, gene_ncbi="999999", shared_with="")
    editable.put("members", {**RAT_POMC, "mechanism_id": "EAM:0001"}, shared_with="")
    found = editable.faults()
    assert f"members.tsv, row {row}, column symbol, value 'Pomc'" in found[0]
    assert "in species 10116 it has 2 values of gene_ncbi: 24664, 999999" in found[0]
    assert "mend: keep the right gene_ncbi in all rows of Pomc" in found[0]
    # The same, seen from the human gene.
    assert "column human_symbol, value 'POMC'" in found[1]
    assert len(found) == 2


def test_an_id_that_belongs_to_two_symbols(editable):
    editable.put("members", {**RAT_POMC, "symbol": "Crh"}, gene_ncbi="24664", shared_with="EAM:0001")
    found = "\n".join(editable.faults())
    assert "column gene_ncbi, value '24664': in species 10116 it has 2 values of symbol: Crh, Pomc" in found


def test_a_claim_without_evidence(editable, the_fault):
    editable.drop("evidence", claim_id="EAA:X002")
    text = the_fault()
    assert "claims.tsv, row 143, column claim_id, value 'EAA:X002': EAA:X002: the claim has no evidence" in text
    assert "mend: add at least one row with its claim_id to evidence.tsv" in text


@pytest.mark.parametrize("sign", ["\N{MINUS SIGN}", "\N{EN DASH}"])
def test_a_printed_minus_where_ascii_is_due(editable, the_fault, sign):
    row = editable.put("claims", IL1B, direction=sign)
    text = the_fault()
    assert f"claims.tsv, row {row}, column direction, value '{sign}': an unknown sign" in text
    assert "mend: write -, in ASCII" in text


@pytest.mark.parametrize("sign", ["?", "up", "++", "\N{PLUS-MINUS SIGN}"])
def test_an_unknown_sign(editable, the_fault, sign):
    editable.put("claims", IL1B, direction=sign)
    text = the_fault()
    assert "column direction" in text
    assert "an unknown sign" in text
    assert "mend: use one of +, -, 0, conditional, na, two_sided" in text


def test_an_unknown_sign_of_the_table_of_the_review(editable, the_fault):
    row = editable.put("evidence", {"evidence_id": "EAV:A058.1"}, literal_sign="-")
    text = the_fault()
    assert f"evidence.tsv, row {row}, column literal_sign, value '-': an unknown sign" in text


def test_a_printed_sign_that_the_claim_turns_round(editable, the_fault):
    editable.put("claims", {"claim_id": "EAA:A058"}, relation_to_analgesia="+")
    text = the_fault()
    assert "column literal_sign, value '\N{MINUS SIGN}': EAV:A058.1: the printed sign is not that of the claim" in text


def test_a_sign_of_a_mechanism_that_nobody_can_read(editable, the_fault):
    row = editable.put("mechanisms", {"mechanism_id": "EAM:0019"}, sign_spinal="mostly down")
    text = the_fault()
    assert f"mechanisms.tsv, row {row}, column sign_spinal, value 'mostly down': a sign that nobody can read" in text


def test_a_conflict_group_of_one(editable):
    editable.put("claims", {"claim_id": "EAA:A077"}, conflict_group="")
    row = editable.put("conflicts", {"conflict_group": "CG:sham"}, claim_ids="EAA:A074")
    (text,) = editable.faults()
    assert f"conflicts.tsv, row {row}, column conflict_group, value 'CG:sham': a conflict group of one claim" in text
    assert "single_reason" in text
    editable.put("conflicts", {"conflict_group": "CG:sham"}, single_reason="the other was withdrawn")
    assert editable.faults() == []


def test_a_group_and_its_claims_that_do_not_name_each_other(editable):
    editable.put("claims", {"claim_id": "EAA:A089"}, conflict_group="CG:sham")
    found = editable.faults()
    assert len(found) == 2
    assert "value 'EAA:A089': CG:limbic and claims.tsv (column conflict_group) do not name the same claims" in found[0]
    assert "value 'EAA:A089': CG:sham and claims.tsv" in found[1]


def test_an_orthologue_override_without_reason(editable, the_fault):
    row = editable.put("members", {"species": "10116", "symbol": "Ccr2"}, orthology_reason="")
    text = the_fault()
    assert f"members.tsv, row {row}, column orthology_how, value 'curated_override': Ccr2 (EAM:0026): an" in text
    assert "chosen against HCOP without a reason" in text
    assert "mend: fill orthology_reason" in text


def test_a_level_that_is_not_in_the_table(editable, the_fault):
    row = editable.put("claims", IL1B, level="spinal|spine")
    text = the_fault()
    assert f"claims.tsv, row {row}, column level, value 'spine': levels.tsv does not define it" in text
    assert "mend: did you mean 'spinal'?" in text


def test_a_direct_claim_about_what_no_transcript_shows(editable, the_fault):
    row = editable.put("claims", IL1B, aspect="release")
    text = the_fault()
    assert f"claims.tsv, row {row}, column testability, value 'direct': EAA:B008: direct, though" in text
    assert "the claim is about release" in text


@pytest.mark.parametrize(("cell", "value"), [("negated", "true"), ("direction", "0")])
def test_negated_and_zero_belong_together(editable, the_fault, cell, value):
    editable.put("claims", IL1B, **{cell: value})
    assert "a claimed absence has direction 0 and negated true" in the_fault()


def test_a_direction_needs_aspect_level_species_and_eco(editable):
    editable.put("claims", IL1B, aspect="none", level="", species="", testability="weak", testability_stated="weak")
    for number in ("1", "2"):
        editable.put("evidence", {"evidence_id": f"EAV:B008.{number}"}, eco="")
    found = "\n".join(editable.faults())
    assert "column level, value '': the cell is empty" in found
    assert "column species, value '': the cell is empty" in found
    assert "column aspect, value 'none': EAA:B008: a direction of nothing" in found
    assert "a direction whose evidence has no ECO term" in found


@pytest.mark.parametrize("role", ["receptor", "kinase", "channel", "chemokine_receptor"])
def test_a_strong_receptor_needs_a_claim_about_its_expression(editable, role):
    # Mapk14: the claim is about phosphorylation.
    for species in ("9606", "10090", "10116"):
        where = {"species": species, "human_symbol": "MAPK14"}
        editable.put("members", where, role=role, direction_rule="strong")
    found = editable.faults()
    assert len(found) == 3
    assert f"a {role} whose expression no claim is about is strong" in found[0]
    assert "mend: add a claim about its abundance with the same entity_id, or use direction_rule none" in found[0]


def test_a_seed_claim_that_only_further_papers_support(editable):
    editable.put("evidence", {"evidence_id": "EAV:B008.1"}, kind="primary")
    found = editable.faults()
    assert "value 'seed': EAA:B008: a claim of the seed tier that only further papers support" in found[0]
    assert "23 claims of 004_2e2f8e6ddbe86bc3.txt" in found[1]
    assert len(found) == 2


def test_a_lost_claim_is_missed(editable):
    editable.drop("claims", claim_id="EAA:A015")
    editable.drop("evidence", claim_id="EAA:A015")
    (text,) = editable.faults()
    assert "claims.tsv: 116 claims of 000_e574f4d6fa8d166e.txt" in text
    assert "expects 117" in text


def test_words_without_their_place(editable, the_fault):
    editable.put("evidence", {"evidence_id": "EAV:B007.1"}, literal_text="")
    assert "column literal_text, value '': EAV:B007.1: words of a review without their place" in the_fault()


def test_two_hashes_of_one_source(editable, the_fault):
    editable.put("evidence", {"evidence_id": "EAV:B024.1"}, sha256="0" * 64)
    assert "004_2e2f8e6ddbe86bc3.txt has another hash in a row above" in the_fault()


def test_a_resolved_reference_without_id(editable, the_fault):
    editable.put("evidence", {"evidence_id": "EAV:A114.1"}, ref_id="")
    assert "the reference is resolved and has no id" in the_fault()


def test_an_unresolved_reference_is_no_fault(editable):
    editable.put("evidence", {"evidence_id": "EAV:A114.1"}, ref_id="", ref_status="unresolved")
    assert editable.faults() == []


def test_an_emendation_that_is_not_whole(editable):
    editable.put("entities", {"name": "miR-223-3p"}, literal_name="")
    editable.put("mirnas", {"name_v22": "rno-miR-223-3p"}, emendation_reason="")
    editable.put("claims", {"claim_id": "EAA:A109"}, emended_by="")
    found = editable.faults()
    assert [text.partition(",")[0] for text in found] == ["claims.tsv", "claims.tsv", "mirnas.tsv", "entities.tsv"]
    assert all("an emendation" in text for text in found)


def test_a_testability_that_its_wording_did_not_become(editable, the_fault):
    editable.put("claims", {"claim_id": "EAA:A053"}, testability="direct")
    assert "testability.tsv reads 'weak:precursor mRNA' as weak" in the_fault()


@pytest.mark.parametrize(
    ("table", "where", "column", "value"),
    [
        ("members", {"species": "10116", "symbol": "Gfap"}, "gene_ncbi", "NA"),
        ("members", {"species": "10116", "symbol": "Gfap"}, "ensembl", "ENSRNOG2919"),
        ("mirnas", {"name_v22": "rno-miR-7a-5p"}, "mimat", "MIMAT606"),
        ("evidence", {"evidence_id": "EAV:B001.1"}, "ref_id", "31124075"),
        ("evidence", {"evidence_id": "EAV:B001.1"}, "eco", "ECO:304"),
        ("claims", IL1B, "site_id", "UBERON:2256"),
        ("entities", {"name": "glutamate"}, "xref", "glutamate"),
    ],
)
def test_an_identifier_of_the_wrong_shape(editable, the_fault, table, where, column, value):
    row = editable.put(table, where, **{column: value})
    assert f"{table}.tsv, row {row}, column {column}, value '{value}': a value of the wrong shape" in the_fault()


def test_an_identifier_of_another_species(editable, the_fault):
    editable.put("members", {"species": "10116", "symbol": "Gfap"}, database_id="MGI:95697")
    text = the_fault()
    assert "value 'MGI:95697': Gfap (EAM:0019): an identifier of another species than 10116" in text
    assert "mend: it begins with RGD:" in text


def test_a_gene_with_another_part_in_another_species(editable, the_fault):
    editable.put("members", {"species": "10116", "symbol": "Gfap"}, expected_sign="-1")
    assert "a gene has the same part in a mechanism in every species" in the_fault()


def test_shared_members_must_say_so(editable, the_fault):
    editable.put("members", RAT_POMC, shared_with="")
    assert "mend: write EAM:0001" in the_fault()


def test_a_mirna_whose_seed_is_not_its_own(editable, the_fault):
    editable.put("mirnas", {"name_v22": "rno-miR-1306-3p"}, seed="CGUUGGC")
    assert "bases 2 to 8 are ACGUUGG" in the_fault()


def test_an_entity_that_includes_itself(editable):
    rows = {row["name"]: row["entity_id"] for row in editable._read("entities")}
    editable.put("entities", {"name": "CX3CR1"}, includes=rows["microglia"])
    found = editable.faults()
    assert len(found) == 2
    assert all("the entity includes itself" in text for text in found)


def test_keys_and_references(editable):
    editable.put("claims", {"claim_id": "EAA:A002"}, claim_id="EAA:A001")
    editable.put("claims", {"claim_id": "EAA:A003"}, entity_id="EAN:9999", mechanism_id="EAM:9999")
    found = "\n".join(editable.faults())
    assert "claims.tsv, row 2, column claim_id, value 'EAA:A001': the key stands in row 1 already" in found
    assert "claims.tsv, row 3, column entity_id, value 'EAN:9999': entities.tsv does not define it" in found
    assert "claims.tsv, row 3, column mechanism_id, value 'EAM:9999': mechanisms.tsv does not define it" in found
    assert "column claim_id, value 'EAA:A002': claims.tsv does not define it" in found


def test_files_that_cannot_be_read(editable):
    (editable.folder / "mirnas.tsv").unlink()
    (editable.folder / "levels.tsv").write_bytes(b"level\tkind\nspinal\t\xff\n")
    text = (editable.folder / "conflicts.tsv").read_text(encoding="utf-8")
    (editable.folder / "conflicts.tsv").write_text(text.replace("policy", "polity", 1), encoding="utf-8")
    found = "\n".join(editable.faults())
    assert "mirnas.tsv: the table is missing from the curated set" in found
    assert "levels.tsv: not UTF-8 text: the byte 0xff" in found
    assert "conflicts.tsv, column policy: the column is missing" in found
    assert "mend: did you mean 'policy'?" in found


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "01.0.0", 1, None])
def test_a_version_that_is_none(editable, the_fault, version):
    path = editable.folder / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"version": version}), encoding="utf-8")
    assert "datapackage.json, column version" in the_fault()


def test_a_descriptor_that_is_none(editable, the_fault):
    (editable.folder / "datapackage.json").write_text("{}", encoding="utf-8")
    assert "datapackage.json: no description of a data package" in the_fault()


def test_all_faults_are_reported_together(editable):
    editable.put("claims", IL1B, direction="\N{MINUS SIGN}", level="spine")
    editable.put("claims", {"claim_id": "EAA:A077"}, conflict_group="")
    editable.put("conflicts", {"conflict_group": "CG:sham"}, claim_ids="EAA:A074")
    editable.put("members", {"species": "10116", "symbol": "Ccr2"}, orthology_reason="")
    editable.put("members", {"species": "10116", "symbol": "Aif1"}, gene_ncbi="24387")
    editable.drop("evidence", claim_id="EAA:X002")
    with pytest.raises(InputError) as caught:
        load_set(editable.folder)
    text = str(caught.value)
    for expected in (
        "an unknown sign",
        "levels.tsv does not define it",
        "a conflict group of one claim",
        "an orthologue chosen against HCOP without a reason",
        "it has 2 values of symbol: Aif1, Gfap",
        "the claim has no evidence",
    ):
        assert expected in text
    assert text.startswith(f"{len(caught.value.problems)} problems with the input")
    assert all(problem.fix for problem in caught.value.problems)


def test_the_check_is_quick(editable):
    start = time.process_time()
    check_set(editable.folder, Problems())
    assert time.process_time() - start < 0.5

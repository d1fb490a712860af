"""Reversal pairs: which contrasts make one, and what is said of those that do not."""

from __future__ import annotations

import pytest

from acuomics.catalogue.pairs import find_pairs, unpaired


def contrast(text: str) -> dict[str, str]:
    return dict(zip(("contrast", "factor", "numerator", "denominator", "role"), text.split(","), strict=True))


def contrasts(*rows: str) -> list[dict[str, str]]:
    return [contrast(row) for row in rows]


MODEL = "m,condition,model,control,model"


@pytest.mark.parametrize(
    ("model", "treatment", "reason"),
    [
        (MODEL, "t,condition,model,EA,treatment", "t is upside down: its denominator must be the model arm 'model'"),
        (MODEL, "t,condition,control,model,treatment", "the numerator of t is the control 'control'"),
        (MODEL, "t,condition,EA,control,treatment", "both have the denominator 'control'"),
        ("m,condition,control,model,model", "t,condition,EA,model,treatment", "unless m is upside down"),
        ("m,condition,control,model,model", "t,condition,model,EA,treatment", "one of them is upside down"),
        (MODEL, "t,condition,EA,sham,treatment", "they share no arm"),
        (MODEL, "t,sex,f,m,treatment", "they are of different factors, condition and sex"),
        ("m,a:b,ill:x,healthy:y,model", "t,a:b,EA:z,ill:x,treatment", "two cells that differ in one factor"),
    ],
)
def test_no_pair_and_why(model, treatment, reason):
    rows = contrasts(model, treatment)
    assert find_pairs(rows) == []
    (text,) = unpaired(rows)
    assert "no reversal is tested for the model contrast m and the treatment contrast t" in text
    assert reason in text


def test_cells_that_differ_in_one_factor_make_a_pair():
    rows = contrasts("m,arm:sex,CFA:m,control:m,model", "t,arm:sex,CFA_EA:m,CFA:m,treatment")
    assert find_pairs(rows) == [
        {
            "pair": "m__t", "model": "m", "treatment": "t", "factor": "arm:sex",
            "control_level": "control:m", "model_level": "CFA:m", "treated_level": "CFA_EA:m",
        }
    ]  # fmt: skip
    assert unpaired(rows) == []
    rows = contrasts("m,sex:arm,m:CFA,m:control,model", "t,sex:arm,m:CFA_EA,m:CFA,treatment")
    assert len(find_pairs(rows)) == 1
    # The 2 x 2 design: the model changes one factor, the treatment the other.
    rows = contrasts("m,ea:model,none:RTX,none:control,model", "t,ea:model,EA:RTX,none:RTX,treatment")
    assert len(find_pairs(rows)) == 1


def test_nothing_is_said_where_nothing_is_asked():
    assert unpaired(contrasts(MODEL)) == []
    assert unpaired(contrasts("t,condition,EA,sham,treatment")) == []
    assert unpaired(contrasts(MODEL, "s,condition,EA,sham,specificity", "r,condition,EA,control,residual")) == []
    assert unpaired(contrasts(MODEL, "t,condition,EA,model,treatment", "u,condition,drug,model,treatment")) == []


def test_each_treatment_is_held_against_the_nearest_model():
    rows = contrasts(
        "other,condition,burn,naive,model", MODEL, "t,condition,model,EA,treatment", "u,condition,EA,model,treatment"
    )
    texts = unpaired(rows)
    assert len(texts) == 2
    assert "model contrast m and the treatment contrast t: t is upside down" in texts[0]
    assert "model contrast other and the treatment contrast" in texts[1]


def test_the_record_carries_the_warning(make_study, load):
    study = make_study()
    study.contrasts[1][2:4] = ["model", "EA"]
    found = load(study.write()).studies["small"]
    assert found.pairs == []
    assert any("ea_vs_model is upside down" in text for text in found.record["warnings"])

"""Design matrices and contrasts: what the coefficients mean."""

import numpy as np
import pytest

from acuomics.designs import build_design, contrast_vector, reference_levels, samples_of

SAMPLES = [
    {"sample": f"{c}{b}{k}", "condition": c, "batch": b}
    for c in ("EA", "RTX", "control")
    for b in ("x", "y")
    for k in (1, 2)
]


def means(design, cell_means):
    """Coefficients that give these cell means exactly."""
    target = np.array([cell_means[s["condition"], s["batch"]] for s in SAMPLES])
    return np.linalg.lstsq(design.matrix, target, rcond=None)[0]


def contrast(factor, top, bottom):
    return {"contrast": "c", "factor": factor, "numerator": top, "denominator": bottom, "role": "model"}


def test_contrast_is_the_difference_of_cell_means_whatever_the_reference():
    cell = {
        (c, b): {"EA": 5.0, "RTX": 3.0, "control": 1.0}[c] + {"x": 0.0, "y": 7.0}[b]
        for c in ("EA", "RTX", "control")
        for b in "xy"
    }
    for reference in ("EA", "RTX", "control"):
        design = build_design("~ batch + condition", SAMPLES, {"condition": reference})
        beta = means(design, cell)
        assert contrast_vector(design, contrast("condition", "EA", "RTX")) @ beta == pytest.approx(2.0)
        assert contrast_vector(design, contrast("condition", "RTX", "EA")) @ beta == pytest.approx(-2.0)


def test_interaction_contrast_is_a_difference_of_differences():
    two = [s for s in SAMPLES if s["condition"] != "EA"]
    design = build_design("~ condition + batch + condition:batch", two)
    cell = {("RTX", "x"): 1.0, ("RTX", "y"): 4.0, ("control", "x"): 2.0, ("control", "y"): 9.0}
    target = np.array([cell[s["condition"], s["batch"]] for s in two])
    beta = np.linalg.solve(design.matrix.T @ design.matrix, design.matrix.T @ target)
    did = contrast("condition:batch", "RTX:y - RTX:x", "control:y - control:x")
    assert contrast_vector(design, did) @ beta == pytest.approx((4 - 1) - (9 - 2))
    simple = contrast("condition:batch", "RTX:y", "control:y")
    assert contrast_vector(design, simple) @ beta == pytest.approx(4 - 9)
    assert samples_of(simple, two).sum() == 4


def test_the_control_is_the_reference():
    contrasts = [
        {**contrast("condition", "EA", "RTX"), "role": "treatment"},
        {**contrast("condition", "RTX", "control"), "role": "model"},
    ]
    assert reference_levels(contrasts) == {"condition": "control"}

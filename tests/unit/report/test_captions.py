"""The captions of Snakemake's own report: each belongs to an output, fills its places and is sound reStructuredText."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import yaml
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined

from tests.realdata import REPO

RULES = sorted((REPO / "workflow" / "rules").glob("*.smk"))
CAPTIONS = REPO / "workflow" / "report" / "captions"
#: Every marked output: the arguments of its report(...).
MARKED = [
    (path.name, text) for path in RULES for text in re.findall(r"=report\((.*?)\n        \)", path.read_text(), re.S)
]
#: Names as people give them: what reStructuredText could take for markup.
WILDCARDS = dict.fromkeys(("study", "contrast", "pair", "figure"), "a_vs_b__c_vs_d_")


def rendered(name: str) -> str:
    config = yaml.safe_load((REPO / "config.yaml").read_text())
    job = SimpleNamespace(wildcards=SimpleNamespace(**WILDCARDS), config=config)
    text = Environment(undefined=StrictUndefined).from_string((CAPTIONS / f"{name}.rst").read_text())
    options = {"report_level": 1, "halt_level": 2, "warning_stream": False}
    body: str = publish_parts(text.render(snakemake=job), writer_name="html", settings_overrides=options)["body"]
    return body


@pytest.mark.parametrize("name", sorted(path.stem for path in CAPTIONS.glob("*.rst")))
def test_a_caption_is_sound_and_leaves_no_place_open(name: str) -> None:
    body = rendered(name)
    assert "system-message" not in body and "problematic" not in body
    assert "{{" not in body and len(body) > 100
    if name not in ("workflow", "verdicts"):
        assert WILDCARDS["study"] in body


def test_every_caption_belongs_to_an_output_and_every_marked_output_is_sorted_and_labelled() -> None:
    assert len(MARKED) >= 9
    named = set()
    for file, text in MARKED:
        (caption,) = re.findall(r'caption="\.\./report/captions/(\w+)\.rst"', text)
        named.add(caption)
        for key in ("category=", "subcategory=", "labels="):
            assert key in text, (file, caption)
    assert 'report: "workflow/report/captions/workflow.rst"' in (REPO / "Snakefile").read_text()
    assert named | {"workflow"} == {path.stem for path in CAPTIONS.glob("*.rst")}

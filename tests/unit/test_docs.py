"""The documentation says what is so: its reference pages, columns, words, commands and links."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from types import ModuleType

import jsonschema
import pytest
import yaml

from acuomics.claims.vocabulary import NOT_TESTED
from acuomics.claims.vocabulary import VERDICT_COLUMNS as CLAIM_COLUMNS
from acuomics.claims.vocabulary import VERDICTS as CLAIM_VERDICTS
from acuomics.mechanisms.run import conclude_run
from acuomics.mechanisms.targets.enrichment import ENRICHMENT_COLUMNS
from acuomics.mechanisms.targets.statements import STATEMENT_COLUMNS
from acuomics.mechanisms.verdicts.vocabulary import VERDICT_COLUMNS, VERDICTS
from acuomics.reversal.classes import CLASSES
from acuomics.synthesis.vocabulary import CONCLUSIONS
from tests.outputs import described, faults, matches
from tests.realdata import REPO

DOCS = REPO / "docs"
READMES = [REPO / "README.md", REPO / "README.zh-CN.md"]
TEXTS = sorted({*REPO.glob("*.md"), *DOCS.rglob("*.md"), *REPO.glob("resources/**/*.md"), REPO / "workflow/README.md"})


def module(name: str) -> ModuleType:
    """A program of docs/, as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    return module("reference")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def test_the_reference_pages_are_what_the_schemas_say(reference):
    stale = [path.name for path, text in reference.pages().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "make docs writes them anew"


@pytest.mark.parametrize("name", ["config", "study"])
def test_every_key_says_what_it_is(reference, name):
    schema = reference.load(name)

    def keys(part, root, path):
        here, home = reference.resolved(part, root)
        inner = here.get("properties", {})
        found = [key for k, v in inner.items() for key in keys(v, home, f"{path}.{k}" if path else k)]
        return found or [path]

    told = {path: part["description"] for path, part, _ in reference.leaves(schema, schema)}
    missing = [key for key in keys(schema, schema, "") if not told.get(key)]
    assert not missing, f"no description of {missing}"


def test_every_default_of_the_configuration_is_in_its_page(reference):
    page = reference.configuration()
    defaults = yaml.safe_load((REPO / "config.yaml").read_text())
    for section, value in defaults.items():
        for key in value if isinstance(value, dict) and value else [None]:
            assert f"`{section}{f'.{key}' if key else ''}" in page


def test_columns_that_no_embedded_study_writes_are_described():
    known = described()
    assert known["<study>/mechanisms/targets.<study>.tsv"] == [*STATEMENT_COLUMNS, "mechanism_set"]
    assert known["<study>/mechanisms/target_sets.<study>.tsv"] == [*ENRICHMENT_COLUMNS, "mechanism_set"]
    assert known["<study>/claims/verdicts.tsv"] == list(CLAIM_COLUMNS)
    assert known["mechanisms/verdicts.tsv"] == [*VERDICT_COLUMNS, "mechanism_set"]


def test_a_run_without_verdicts_writes_the_headers_all_the_same(tmp_path):
    at = tmp_path / "mechanisms"
    at.mkdir()
    curated = [str(REPO / "resources" / "mechanisms" / "claims.tsv")]
    verdicts, mechanisms = (str(at / name) for name in ("verdicts.tsv", "mechanism_verdicts.tsv"))
    conclude_run([], [], curated=curated, settings={}, verdicts=verdicts, mechanisms=mechanisms)
    assert faults(tmp_path) == []


def test_the_check_of_columns_sees_what_is_missing_and_what_is_too_much(tmp_path):
    at = tmp_path / "some_study" / "recovery"
    at.mkdir(parents=True)
    columns = described()["<study>/recovery/recovery.tsv"]
    (at / "recovery.tsv").write_text("\t".join(columns) + "\n")
    assert faults(tmp_path) == []
    (at / "recovery.tsv").write_text("\t".join([*columns[1:], "new"]) + "\n")
    assert faults(tmp_path) == ["some_study/recovery/recovery.tsv: not described: new; not written: test"]
    (at / "other.tsv").write_text("a\n")
    assert faults(tmp_path)[0] == "some_study/recovery/other.tsv: no row of outputs.tsv is about it"


def test_a_pattern_of_files_matches_names_and_not_paths():
    assert matches("<study>/de/tables/<contrast>.tsv", "x/de/tables/a_vs_b.tsv")
    assert not matches("<study>/de/tables/<contrast>.tsv", "x/de/tables/a/b.tsv")


def test_every_word_of_a_verdict_is_explained():
    page = (DOCS / "explanation" / "verdicts.md").read_text()
    for word in (*VERDICTS, *CLAIM_VERDICTS, *CLASSES, *CONCLUSIONS):
        assert f"`{word}`" in page, word
    assert "not_tested:<reason>" in page and NOT_TESTED
    reasons = (DOCS / "explanation" / "testability.md").read_text()
    claims = (REPO / "resources" / "mechanisms" / "claims.tsv").read_text(encoding="utf-8").splitlines()
    place = claims[0].split("\t").index("testability")
    words = {line.split("\t")[place] for line in claims[1:]}
    for reason in {word.removeprefix("not_testable:") for word in words if ":" in word}:
        assert f"`{reason}`" in reasons, reason


def test_links_within_the_repository_lead_somewhere():
    dead = []
    for text in TEXTS:
        prose = re.sub(r"^```.*?^```", "", text.read_text(encoding="utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            place = target.partition("#")[0]
            if place and not re.match(r"[a-z]+:", place) and not (text.parent / place).exists():
                dead.append(f"{text.relative_to(REPO)}: {target}")
    assert not dead


def test_commands_that_are_printed_exist():
    targets = set(re.findall(r"^([a-z-]+):", (REPO / "Makefile").read_text(), re.M))
    benches = (REPO / "tests" / "benchmark" / "__main__.py").read_text()
    for text in [*READMES, REPO / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        content = text.read_text(encoding="utf-8")
        code = [*blocks(content, "sh"), *re.findall(r"`(make[^`]*)`", content)]
        used = {word for part in code for word in re.findall(r"^make ([a-z][a-z-]*)", part, re.M)}
        assert used <= targets, f"{text.name}: {used - targets}"
        for bench in re.findall(r"make bench NAME=([\w-]+)", content):
            assert bench == "x" or f'"{bench}"' in benches, f"{text.name}: {bench}"
    listed = set(re.findall(r"`make ([a-z-]+)", (DOCS / "reference" / "commands.md").read_text()))
    assert targets - {"run"} <= listed, f"commands.md lacks {targets - listed}"


def test_the_chinese_readme_has_the_same_commands_links_and_figures():
    english, chinese = (path.read_text(encoding="utf-8") for path in READMES)
    for language in ("sh", "yaml"):
        assert blocks(english, language) == blocks(chinese, language)
    links = [sorted(re.findall(r"\]\(([^)]+)\)", text)) for text in (english, chinese)]
    links = [[link for link in found if not link.startswith("README")] for found in links]
    assert links[0] == links[1]
    rows = [re.findall(r"^\| .* \| `(make bench[^`]*)` \|$", text, re.M) for text in (english, chinese)]
    assert rows[0] == rows[1] and len(rows[0]) > 10
    # Every figure of the table; of read numbers the Chinese one has 20 million in its own way.
    for a, b in zip(*(re.findall(r"^\| .*make bench.*$", text, re.M) for text in (english, chinese)), strict=True):
        figures = [set(re.findall(r"\d+\.\d+|\d+e-\d+", row)) for row in (a, b)]
        assert figures[0] == figures[1], b


def test_no_text_names_a_place_of_one_machine():
    for text in [*TEXTS, REPO / "CITATION.cff", REPO / "resources" / "LICENSE", REPO / "mkdocs.yml"]:
        content = text.read_text(encoding="utf-8")
        # The container's mount point stands behind a colon.
        assert not re.search(r"(?<!:)/(?:tmp|home|work)/", content), text


def test_the_picture_is_small():
    picture = DOCS / "images" / "report.png"
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size < 300_000


def test_the_citation_is_one():
    """The parts of the Citation File Format 1.2.0 that are used here; the format's own schema is not at hand."""
    citation = yaml.safe_load((REPO / "CITATION.cff").read_text())
    person = {"type": "object", "minProperties": 1, "additionalProperties": False}
    person["properties"] = {name: {"type": "string"} for name in ("family-names", "given-names", "name", "orcid")}
    people = {"type": "array", "minItems": 1, "uniqueItems": True, "items": person}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["cff-version", "message", "title", "authors"],
        "properties": {
            "cff-version": {"const": "1.2.0"},
            "type": {"enum": ["software", "dataset"]},
            "license": {"const": "MIT"},
            "authors": people,
            "keywords": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "references": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["type", "title", "authors"],
                    "properties": {
                        "doi": {"pattern": r"^10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-\.\(\)\[\]\\]+$"},
                        "authors": people,
                    },
                },
            },
            **{name: {} for name in ("message", "title", "abstract", "version", "date-released")},
        },
    }
    jsonschema.validate(citation, schema)
    about = (REPO / "workflow" / "acuomics" / "__init__.py").read_text()
    assert f'"{citation["version"]}"' in about and f'"{citation["date-released"]}"' in about


def test_quotations_are_as_short_as_the_licence_says():
    told = (REPO / "resources" / "LICENSE").read_text()
    longest = {}
    for table, column in (("evidence", "literal_text"), ("claims", "entity_literal")):
        lines = (REPO / "resources" / "mechanisms" / f"{table}.tsv").read_text(encoding="utf-8").splitlines()
        place = lines[0].split("\t").index(column)
        longest[table] = max(len(line.split("\t")[place].strip('"')) for line in lines[1:])
    assert re.search(rf"evidence\.tsv has\s+{longest['evidence']}\s", told), longest
    assert re.search(rf"claims\.tsv {longest['claims']}\.", told), longest


def test_reads_to_practise_on_say_what_is_missing(tmp_path, capsys):
    mature = tmp_path / "mature.fa"
    mature.write_text(">rno-miR-1 MIMAT0000001 Rattus norvegicus miR-1\nUGGAAUGUAAAGAAGUAUGUAU\n")
    assert module("practice").main([str(mature), str(tmp_path / "reads")]) == 1
    assert "rno-miR-223-3p and rno-miR-7a-5p" in capsys.readouterr().err
    assert not (tmp_path / "reads").exists()


def test_the_site_builds_strictly_and_asks_nothing_of_other_machines(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|link rel="stylesheet)[^>]*(?:src|href)="?(?:https?:)?//', content), page

"""Write the reference pages of docs/reference from the schemas, config.yaml and the table of columns.

``python docs/reference.py`` writes them, ``python docs/reference.py --check`` says whether they are as they would be.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

REPO = Path(__file__).resolve().parents[1]
SCHEMAS = REPO / "workflow" / "schemas"
PAGES = REPO / "docs" / "reference"
MADE = "<!-- Made by docs/reference.py (make docs): change the schema, not this page. -->\n\n"
#: Sub-schemas of study.yaml that stand in files of their own.
OWN_FILES = ("facts", "simulation", "cells")


def load(name: str) -> dict[str, Any]:
    """Read one schema."""
    content: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return content


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Follow ``$ref``; what stands beside it stays. Gives the schema and the document that it lies in."""
    reference = schema.get("$ref")
    if reference is None:
        return dict(schema), root
    file, _, place = reference.partition("#")
    document: Mapping[str, Any] = load(file.removesuffix(".schema.json")) if file else root
    found: Any = document
    for part in place.strip("/").split("/") if place.strip("/") else []:
        found = found[part]
    inner, home = resolved(found, document)
    return {**inner, **{key: value for key, value in schema.items() if key != "$ref"}}, home


def leaves(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: str = "", needed: bool = True
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Give ``(key, schema, required)`` of every key that holds a value, and of every section that says what it is."""
    here, home = resolved(schema, root)
    if path and "description" in here:
        yield path, here, needed
    required = here.get("required", [])
    for name, part in here.get("properties", {}).items():
        yield from leaves(part, home, f"{path}.{name}" if path else name, name in required)
    items, more = here.get("items"), here.get("additionalProperties")
    if isinstance(items, Mapping) and resolved(items, home)[0].get("properties"):
        yield from _parts(items, home, f"{path}[]")
    if isinstance(more, Mapping):
        yield from _parts(more, home, f"{path}.<name>")
    for pattern, part in here.get("patternProperties", {}).items():
        yield from _parts(part, home, f"{path}.<taxon>" if pattern.startswith("^[1-9]") else f"{path}.<name>")


def _parts(schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    here, home = resolved(schema, root)
    required = here.get("required", [])
    for name, part in here.get("properties", {}).items():
        yield from leaves(part, home, f"{path}.{name}", name in required)


def takes(schema: Mapping[str, Any]) -> str:
    """Say in words what a key takes."""
    if "enum" in schema:
        return ", ".join("null" if word is None else f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema.get("type", "")
    words = {"string": "text", "integer": "whole number", "object": "keys", "array": "list", "boolean": "true or false"}
    told = " or ".join(words.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
    bounds = [(">=", "minimum"), (">", "exclusiveMinimum"), ("<=", "maximum"), ("<", "exclusiveMaximum")]
    limits = [f"{sign} {schema[key]:g}" for sign, key in bounds if key in schema]
    return " ".join([told, *limits]).strip()


def cell(text: object) -> str:
    """Make text fit for a cell of a table."""
    return str(text).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def keyed(path: str) -> str:
    """Write the name of a key."""
    return f"`{path}`"


def configuration() -> str:
    """Give the page of config.yaml: every key with its default."""
    schema = load("config")
    defaults = yaml.safe_load((REPO / "config.yaml").read_text(encoding="utf-8"))
    rows = []
    for path, part, _ in leaves(schema, schema):
        value: Any = defaults
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        shown = "" if value is None or (part.get("type") == "object" and value) else f"`{json.dumps(value)}`"
        rows.append([keyed(path), cell(takes(part)), shown, cell(part["description"])])
    text = (
        "# Keys of config.yaml\n\nA configuration of your own holds only the keys that differ from the committed"
        " `config.yaml`, whose comments say more. A key that is not known is an error.\n\n"
    )
    return MADE + text + table(["key", "takes", "default", "what it is"], rows)


def study() -> str:
    """Give the page of study.yaml: its keys, those of its blocks in sections of their own."""
    schema = load("study")
    groups: dict[str, list[list[str]]] = {}
    for path, part, needed in leaves(schema, schema):
        block = path.replace("[", ".").split(".")[0]
        section = block if "properties" in resolved(schema["properties"][block], schema)[0] else ""
        rows = groups.setdefault(section, [])
        rows.append([keyed(path), cell(takes(part)), "yes" if needed else "", cell(part["description"])])
    text = (
        "# Keys of study.yaml\n\nWhat is needed within a block is needed where the block stands. A study has one"
        " of `counts`, `reads`, `cells`, `statistics` and `simulation`, or none (then only its claims are listed).\n"
    )
    for section in sorted(groups, key=lambda name: (name != "", list(schema["properties"]).index(name) if name else 0)):
        title = f"The block `{section}`" if section else "The study"
        text += f"\n## {title}\n\n" + table(["key", "takes", "needed", "what it is"], groups[section])
    return MADE + text


def outputs() -> str:
    """Give the page of outputs: every column of every table."""
    with (SCHEMAS / "outputs.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    text = (
        "# Columns of the tables\n\nBelow `results/`. Tables are tab separated, missing values `NA` or empty; tables"
        " for programs are Parquet. `<study>` is a study, or a cell type of a study of single cells (`<cells>`), then"
        " named `<cells>_<type>`. The same words as data: `workflow/schemas/outputs.tsv`. Logs and Snakemake's"
        " benchmarks lie in `results/logs` and `results/benchmarks`, every table of the report as a workbook in"
        " `results/report/tables`.\n"
    )
    for file in dict.fromkeys(row["file"] for row in rows):
        part = [
            [f"`{row['column']}`", row["type"], "" if row["unit"] == "NA" else row["unit"], cell(row["meaning"])]
            for row in rows
            if row["file"] == file
        ]
        text += f"\n## `{file}`\n\n" + table(["column", "type", "unit", "meaning"], part)
    return MADE + text


def pages() -> dict[Path, str]:
    """Give every page that is made, by its path."""
    return {
        PAGES / "configuration.md": configuration(),
        PAGES / "study.md": study(),
        PAGES / "outputs.md": outputs(),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; give the exit status."""
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(REPO)} is not what the schemas say: make docs writes it", file=sys.stderr)
        return bool(stale)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

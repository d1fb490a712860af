"""Pass 1: JSON Schema (draft 2020-12) of the configuration and of study.yaml, in words for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
_TYPES = {
    "string": "text (put it in quotes)",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping (key: value)",
    "boolean": "true or false",
}
_WRITE = {
    "string": "put it in quotes",
    "integer": "write a whole number, such as 3",
    "number": "write a number, such as 0.05",
    "array": "write a list, such as [a, b]",
    "object": "write pairs 'key: value' below it",
    "boolean": "write true or false",
}


def text_keys(content: Any) -> Any:
    """Make every mapping key text, as JSON has it (a taxon is a number to YAML)."""
    if isinstance(content, Mapping):
        return {str(key): text_keys(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [text_keys(value) for value in content]
    return content


def check_schema(content: Any, schema: str, file: str, problems: Problems, schemas: Path | None = None) -> bool:
    """Check `content` against ``<schema>.schema.json``; report each fault with the path of its key as column.

    Parameters
    ----------
    content : object
        Mappings with text keys, lists, scalars.
    schema : str
        ``config`` or ``study``.
    file : str
        The place that faults are reported in.
    problems : Problems
        Takes the faults.
    schemas : Path, optional
        The folder of the schemas, by default the workflow's. A schema refers to another by file name.

    Returns
    -------
    bool
        Whether the content is valid.
    """
    import jsonschema
    import referencing

    folder = SCHEMAS if schemas is None else schemas
    loaded = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.schema.json"))}
    registry: referencing.Registry[Any] = referencing.Registry().with_resources(
        (name, referencing.Resource.from_contents(text)) for name, text in loaded.items()
    )
    validator = jsonschema.Draft202012Validator(loaded[f"{schema}.schema.json"], registry=registry)
    errors = sorted(validator.iter_errors(content), key=lambda error: [str(part) for part in error.absolute_path])
    found = Problems()
    for error in errors:
        _explain(error, validator.schema, file, found)
    # The validator tells each missing key by itself, and we all of them at each.
    problems.found.extend(dict.fromkeys(found.found))
    return not errors


def _keys_at(schema: Any, path: list[str]) -> Mapping[str, Any]:
    """Give the properties that the whole schema knows at a key (a conditional part repeats no descriptions)."""
    for name in path:
        schema = schema.get("properties", {}).get(name, {})
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties


def _explain(error: Any, root: Any, file: str, problems: Problems) -> None:
    path = [str(part) for part in error.absolute_path]
    key = ".".join(path) or None
    schema: Mapping[str, Any] = error.schema
    rule, limit, value = error.validator, error.validator_value, error.instance
    about = str(schema.get("description", ""))
    if rule == "additionalProperties" and limit is False:
        known = sorted(schema.get("properties", {}))
        patterns = schema.get("patternProperties", {})
        import re

        for name in value:
            if name in known or any(re.search(pattern, name) for pattern in patterns):
                continue
            hint = did_you_mean(name, known)
            allowed = f"the keys here are {', '.join(known)}" if known else f"a key must match {some(list(patterns))}"
            fix = f"{hint} rename or remove it; {allowed}".strip()
            problems.add(file, f"unknown key {name!r}", fix, column=".".join([*path, name]))
        return
    if rule == "required":
        for name in limit:
            if name not in value:
                text = str(_keys_at(root, path).get(name, {}).get("description", ""))
                fix = f"add the key {name}{_note(text)}"
                problems.add(file, f"the key {name!r} is missing", fix, column=".".join([*path, name]))
        return
    message, fix = error.message, "mend the value"
    if rule == "enum":
        choices = [str(item) for item in limit]
        message = f"not one of {', '.join(choices)}"
        fix = f"{did_you_mean(str(value), choices)} write one of them".strip()
    elif rule == "type":
        types = [limit] if isinstance(limit, str) else list(limit)
        message = f"must be {' or '.join(_TYPES.get(name, name) for name in types)}"
        fix = " or ".join(_WRITE.get(name, name) for name in types)
    elif rule == "pattern":
        message = f"does not match {limit}"
    elif rule == "not":
        message, fix = "not a path this key may hold", "write another path"
    elif rule in ("minLength", "minItems", "minProperties"):
        message, fix = "must not be empty", "write an entry, or remove the key where it is optional"
    elif rule == "uniqueItems":
        message, fix = "an entry is given twice", "keep one of the two"
    elif rule in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        sign = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}[rule]
        message, fix = f"must be {sign} {limit}", f"choose a value {sign} {limit}"
    problems.add(file, message, f"{fix}{_note(about)}", column=key, value=value)


def _note(about: str) -> str:
    """Give the description of a key as an aside."""
    return f" ({about.strip().rstrip('.')})" if about else ""

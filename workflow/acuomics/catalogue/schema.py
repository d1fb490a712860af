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
    for error in errors:
        _explain(error, validator.schema, file, problems)
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
            problems.add(file, f"unknown key {name!r}", f"{hint} {allowed}".strip(), column=".".join([*path, name]))
        return
    if rule == "required":
        for name in limit:
            if name not in value:
                text = str(_keys_at(root, path).get(name, {}).get("description", ""))
                problems.add(file, f"the key {name!r} is missing", text, column=".".join([*path, name]))
        return
    if rule == "oneOf" and not path:
        both = all(name in value for name in ("counts", "simulation"))
        state = "both are there" if both else "neither is there"
        problems.add(
            file,
            f"give exactly one of counts and simulation; {state}",
            "counts for measured data, simulation for an embedded study",
            column="counts",
        )
        return
    message = error.message
    if rule == "enum":
        message = f"not one of {', '.join(str(item) for item in limit)}"
        about = f"{did_you_mean(str(value), [str(item) for item in limit])} {about}".strip()
    elif rule == "type":
        types = [limit] if isinstance(limit, str) else list(limit)
        message = f"must be {' or '.join(_TYPES.get(name, name) for name in types)}"
    elif rule == "pattern":
        message = f"does not match {limit}"
    elif rule == "not":
        message = "not a path this key may hold"
    elif rule in ("minLength", "minItems", "minProperties"):
        message = "must not be empty"
    elif rule == "uniqueItems":
        message = "an entry is given twice"
    elif rule in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        sign = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}[rule]
        message = f"must be {sign} {limit}"
    problems.add(file, message, about, column=key, value=value)

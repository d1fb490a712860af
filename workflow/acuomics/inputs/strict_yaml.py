"""YAML for people: repeated keys are refused; only true and false are booleans, so no, on and dates are text."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import yaml

from acuomics.inputs.text import read_text
from acuomics.problems import Problems

#: Values that a file may hold once its aliases are written out; studies have some hundreds.
MOST_NODES = 100_000


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without YAML 1.1's surprises: a level called ``no`` or ``2001-03-01`` is text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own class attribute)
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise yaml.constructor.ConstructorError(None, None, "this is no mapping", node.start_mark)
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return {str(key): value for key, value in super().construct_mapping(node, deep=deep).items()}


# An unquoted value with braces inside, as in pattern: data/{sample}.tsv
_BRACES = re.compile(r"([A-Za-z_]\w*):\s+([^\s\"'{,][^\s\"',]*\{\w*\}[^\s\"',}]*|\{\w*\}[^\s\"',}]+)")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _mend(text: str, marks: Iterable[yaml.Mark | None]) -> str:
    """Say what to do about broken YAML: above all, that braces in a flow mapping need quotes."""
    lines = text.split("\n")
    for mark in marks:
        if mark is not None and mark.line < len(lines) and (match := _BRACES.search(lines[mark.line])):
            return f'quote it: {match.group(1)}: "{match.group(2)}"'
    return "mend the line; quote text that holds ': ', ' #', braces or brackets"


def _check_aliases(node: yaml.Node, sizes: dict[int, int], within: set[int]) -> int:
    """Give the number of nodes that a node is with its aliases written out; refuse aliases of themselves and bombs."""
    if id(node) in sizes:
        return sizes[id(node)]
    if id(node) in within:
        raise yaml.constructor.ConstructorError(None, None, "an alias (*) stands within itself", node.start_mark)
    within.add(id(node))
    size = 1
    if isinstance(node, yaml.CollectionNode):
        pairs = isinstance(node, yaml.MappingNode)
        for part in node.value:
            size += sum(_check_aliases(one, sizes, within) for one in (part if pairs else (part,)))
    if size > MOST_NODES:
        message = f"with its aliases (*) written out this holds more than {MOST_NODES} values"
        raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
    within.discard(id(node))
    sizes[id(node)] = size
    return size


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_aliases(node, {}, set())
        return loader.construct_document(node)
    finally:
        loader.dispose()


def read_yaml(path: str | Path, problems: Problems) -> dict[str, Any] | None:
    """Read a YAML mapping; keys become strings. None, and a problem added, when it is not one."""
    text = read_text(path, problems)
    if text is None:
        return None
    try:
        content = _load(text)
    except RecursionError:
        problems.add(path, "not valid YAML: nested too deeply", "write plain mappings and lists")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        message = error.problem or "cannot be read"
        twice = "given twice" in message
        problems.add(
            path,
            message if twice else f"not valid YAML: {message}",
            "keep one of the two" if twice else _mend(text, [mark, error.context_mark]),
            row=None if mark is None else f"line {mark.line + 1}",
        )
        return None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        # The constructors of explicit tags (!!int x) raise errors of Python's own.
        problems.add(path, f"not valid YAML: {error}", "remove characters that do not belong in text")
        return None
    if not isinstance(content, dict):
        problems.add(path, "the file must hold a mapping (key: value)", "begin with: study: <name of the folder>")
        return None
    return content

"""What the workflow needs and at which version, from the lock that every environment is made of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def locked(root: str | Path) -> dict[str, str]:
    """Give the packages that the workflow imports, with their locked versions.

    Parameters
    ----------
    root : str or Path
        The folder of the Snakefile.

    Returns
    -------
    dict
        Package (as on PyPI) to version, sorted. Of a package that is locked at two versions, for two Pythons, both.
    """
    project = tomllib.loads((Path(root) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {match[0].lower() for line in project["dependencies"] if (match := _NAME.match(line))}
    found: dict[str, list[str]] = {}
    for name, version in _PIN.findall((Path(root) / "envs" / "requirements.lock").read_text(encoding="utf-8")):
        if name.lower() in asked:
            found.setdefault(name.lower(), []).append(version)
    return {name: " or ".join(sorted(set(found[name]))) for name in sorted(found)}

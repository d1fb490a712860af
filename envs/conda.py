"""Write the conda environments, one a stage, with the versions of the lock: ``python envs/conda.py``."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: What a stage imports. The name on conda-forge or bioconda follows the colon where it differs from PyPI's.
STAGES = {
    "catalogue": ["jsonschema", "numpy", "pandas", "pyyaml"],
    "acquire": ["httpx", "tqdm"],
    "simulate": ["anndata", "isal:python-isal", "numpy", "pandas", "pyyaml", "scipy"],
    "smallrna": ["cutadapt", "numba", "numpy", "pandas", "isal:python-isal"],
    "rnaseq": ["isal:python-isal", "kb-python", "multiqc", "numba", "numpy", "pandas"],
    "singlecell": [
        *("anndata", "decoupler", "harmonypy", "igraph:python-igraph", "jinja2", "leidenalg"),
        *("matplotlib:matplotlib-base", "numba", "numpy", "pandas", "pyarrow", "pydeseq2", "scanpy"),
        *("scikit-image", "scipy"),
    ],
    "intake": ["anndata", "numpy", "pandas", "pyarrow", "scipy"],
    "de": ["numpy", "pandas", "pyarrow", "pydeseq2", "scipy"],
    "reversal": ["numpy", "pandas", "pyarrow", "scipy"],
    "mechanisms": ["decoupler", "numpy", "pandas", "pyarrow", "scipy"],
    "claims": ["numpy", "pandas", "pyarrow", "scipy"],
    "recovery": ["numpy", "pandas"],
    "synthesis": ["jsonschema", "numpy", "pandas", "pyarrow", "pyyaml", "scipy"],
    "report": [
        *("jinja2", "matplotlib:matplotlib-base", "numpy", "pandas", "pyarrow", "scipy"),
        *("vl-convert-python", "xlsxwriter"),
    ],
    "provenance": ["rocrate"],
}


def locked_versions() -> dict[str, str]:
    """Version of every package of the lock that has one for all supported Pythons."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)([^\\\n]*)", (HERE / "requirements.lock").read_text(), re.M)
    return {name.lower(): version for name, version, marker in found if "python" not in marker}


def environment(stage: str) -> str:
    """Text of one environment file."""
    versions = locked_versions()
    lines = ["# Written by envs/conda.py from requirements.lock; a test holds the two in step."]
    lines += [
        "channels:",
        "  - conda-forge",
        "  - bioconda",
        "  - nodefaults",
        "dependencies:",
        "  - python>=3.11,<3.14",
    ]
    for package in STAGES[stage]:
        name, _, conda = package.partition(":")
        lines.append(f"  - {conda or name}=={versions[name]}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for stage in STAGES:
        (HERE / f"{stage}.yaml").write_text(environment(stage))

"""Write the container definitions, which install the lock as `make env` does: ``python envs/containers.py``.

``Dockerfile`` and ``apptainer.def`` run ``envs/install.py``, the installation of `make env`: every package at the
version and hash of requirements.lock, then the workflow. No system package is added: nothing in an image depends on the
day it is built but the base image, and what the packages without a wheel are built with. The base image's tag is exact;
its digest is for the one to add who can ask a registry (``docker buildx imagetools inspect``).
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent

#: Python and Debian of the base image: the Python that the tests run on, of the lock's 3.11 to 3.13.
BASE = "docker.io/library/python:3.11.14-slim-bookworm"
#: What the workflow is: everything that is copied into an image.
PARTS = (
    "Makefile",
    "Snakefile",
    "config.yaml",
    "pyproject.toml",
    "LICENSE",
    "README.md",
    "envs",
    "resources",
    "workflow",
)
HOME = "/opt/acuomics"
_HEAD = "# Written by envs/containers.py; a test holds it in step."
# No cache of pip or uv stays in the image.
_INSTALL = f"PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 python {HOME}/envs/install.py /opt/venv"
_ENVIRONMENT = {"PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


def dockerfile() -> str:
    """Text of the Dockerfile; build it with ``docker build --file envs/Dockerfile --tag acuomics .``."""
    files = [part for part in PARTS if (HERE.parent / part).is_file()]
    folders = [part for part in PARTS if part not in files]
    lines = [
        _HEAD,
        f"FROM {BASE}",
        'LABEL org.opencontainers.image.title="acuomics" org.opencontainers.image.licenses="MIT"',
        f"WORKDIR {HOME}",
        f"COPY {' '.join(files)} ./",
        *(f"COPY {folder} ./{folder}" for folder in folders),
        f"RUN {_INSTALL} \\",
        "    && useradd --create-home --uid 10001 acuomics \\",
        "    && install --directory --owner acuomics /data",
        "ENV " + " \\\n    ".join(f"{name}={value}" for name, value in _ENVIRONMENT.items()),
        "USER 10001",
        "WORKDIR /data",
        f'ENTRYPOINT ["python", "{HOME}/workflow/run.py", "--snakefile", "{HOME}/Snakefile"]',
        'CMD ["--cores", "all"]',
    ]
    return "\n".join(lines) + "\n"


def dockerignore() -> str:
    """Text of the list of what is not sent to the builder: everything but what is copied."""
    return "\n".join([_HEAD, "*", *(f"!{part}" for part in PARTS), "**/__pycache__", "**/*.nb?"]) + "\n"


def apptainer() -> str:
    """Text of the Apptainer definition; build it with ``apptainer build acuomics.sif envs/apptainer.def``."""
    lines = [
        _HEAD,
        "Bootstrap: docker",
        f"From: {BASE.removeprefix('docker.io/library/')}",
        "",
        "%files",
        *(f"    {part} {HOME}/{part}" for part in PARTS),
        "",
        "%post",
        "    set -eu",
        f"    {_INSTALL}",
        "",
        "%environment",
        *(f"    export {name}={value}" for name, value in _ENVIRONMENT.items()),
        "",
        "%runscript",
        f'    exec python {HOME}/workflow/run.py --snakefile {HOME}/Snakefile "$@"',
        "",
        "%labels",
        "    org.opencontainers.image.title acuomics",
        "    org.opencontainers.image.licenses MIT",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "Dockerfile").write_text(dockerfile())
    (HERE / "Dockerfile.dockerignore").write_text(dockerignore())
    (HERE / "apptainer.def").write_text(apptainer())

"""Make the environment of this project in a folder, from the hashed lock, with nothing but a system Python.

Usage: ``python3 envs/install.py .venv``. Runs on a Python without ensurepip (Debian's python3 without python3-venv)
as long as ``pip`` itself is there. Installs with uv, which is several times faster, and falls back to pip. Does
nothing when the environment already holds what the lock says.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
PROJECT = HERE.parent


def wanted() -> str:
    """What a finished environment is made of: the lock, the project file and the interpreter."""
    digest = hashlib.sha256()
    for part in (LOCK.read_bytes(), (PROJECT / "pyproject.toml").read_bytes(), sys.version.encode()):
        digest.update(part)
    return digest.hexdigest()


def run(*command: object, **environment: str) -> bool:
    """Run a command; say whether it went well."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, env={**os.environ, **environment}, check=False).returncode == 0
    except OSError as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return False


def has_pip(python: Path) -> bool:
    """Whether this Python can run pip."""
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def make_venv(folder: Path) -> Path:
    """Make an empty environment; its pip is the system's where the system has no ensurepip."""
    import venv

    shutil.rmtree(folder, ignore_errors=True)
    # Debian ships ensurepip apart; its venv ends the process where it is missing, so ask first.
    venv.create(folder, with_pip=importlib.util.find_spec("ensurepip") is not None, symlinks=True)
    return folder / "bin" / "python"


def pip_for(python: Path) -> list[object]:
    """A pip that installs into the environment of `python`."""
    if has_pip(python):
        return [python, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", python]


def install(folder: Path) -> None:
    """Install the lock and then the project itself, with uv or, where that fails, with pip."""
    python = make_venv(folder)
    pip = [*pip_for(python), "--disable-pip-version-check", "--no-input"]
    # uv comes from the same registry, at the version and hash of the lock.
    lines = LOCK.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("uv=="))
    stop = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    only_uv = folder / "uv.lock.txt"
    only_uv.write_text("\n".join(lines[start:stop]) + "\n")
    project = ["--no-deps", "--no-build-isolation", "--editable", PROJECT]
    done = False
    if run(*pip, "install", "--quiet", "--require-hashes", "--requirement", only_uv):
        uv = [folder / "bin" / "uv", "pip"]
        settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1", "UV_LINK_MODE": "copy"}
        at = ["--quiet", "--python", python]
        done = run(
            *uv, "install", *at, "--compile-bytecode", "--require-hashes", "--requirement", LOCK, **settings
        ) and run(*uv, "install", *at, *project, **settings)
    if not done:
        print("uv could not install the lock; trying plain pip", file=sys.stderr)
        done = run(*pip, "install", "--quiet", "--require-hashes", "--requirement", LOCK) and run(
            *pip, "install", "--quiet", *project
        )
    if not done:
        sys.exit(
            "the environment could not be installed; the messages above say why.\n"
            "mend: check that the package registry can be reached (pip config, proxy), and run the command again"
        )


def main() -> None:
    """Install unless it is done already."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this script runs on whatever Python the system has)
        sys.exit(
            f"Python 3.11 to 3.13 is needed and this is {sys.version.split()[0]}.\n"
            "mend: name another interpreter, for example: make PYTHON=python3.12 run"
        )
    folder = Path(sys.argv[1])
    stamp = folder / "acuomics-lock.sha256"
    if stamp.exists() and stamp.read_text() == wanted():
        return
    print(f"installing the environment into {folder} (once; about a minute)", file=sys.stderr)
    install(folder)
    # Written last: an interrupted installation leaves no stamp and starts anew.
    stamp.write_text(wanted())


if __name__ == "__main__":
    main()

"""``python -m acuomics.catalogue.scaffold NAME``: the folder of a new study, with a TODO where its owner must speak."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from acuomics.catalogue.load import RESERVED
from acuomics.files import write_text
from acuomics.problems import InputError, Problems

TEMPLATE = Path(__file__).resolve().parents[3] / "resources" / "templates" / "study"
#: What stands for the study's name in the template, and for what its owner must fill in.
_NAME = "STUDY_NAME"
TODO = re.compile(r"(?<![A-Za-z])TODO(?![A-Za-z])")
_VALID = re.compile(r"[a-z][a-z0-9_]*")


def new_study(name: str, folder: str | Path, template: str | Path = TEMPLATE) -> list[Path]:
    """Write the folder of a new study.

    Parameters
    ----------
    name : str
        Its name.
    folder : str or Path
        The folder of study folders that gets it.
    template : str or Path
        A study folder with the name in place of which the new name is written.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        When the name cannot be a study's, or is one already. Nothing is written then.
    """
    problems = Problems()
    target = Path(folder) / name
    if not _VALID.fullmatch(name) or name in RESERVED:
        fix = "choose small letters, digits and _, a letter first, such as my_study"
        if name in RESERVED:
            fix = f"choose another one; {', '.join(sorted(RESERVED))} are folders of the results"
        problems.add("NAME", "this cannot be the name of a study", fix, value=name)
    elif target.exists():
        problems.add(target, "there is a study of this name already", "choose another name, or remove the folder")
    problems.raise_if_any("nothing was written")
    written = []
    for source in sorted(Path(template).iterdir()):
        write_text(source.read_text(encoding="utf-8").replace(_NAME, name), target / source.name)
        written.append(target / source.name)
    return written


def unfinished(folder: str | Path, problems: Problems) -> None:
    """Report what in a study folder still holds the word TODO: a line of study.yaml each, a table once."""
    for file in sorted(path for path in Path(folder).iterdir() if path.suffix in (".yaml", ".tsv")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        # The lines that explain the word are no place to fill in.
        found = {
            number: line.strip()
            for number, line in enumerate(lines, start=1)
            if TODO.search(line) and "every TODO" not in line and "the word TODO" not in line
        }
        fix = "fill it in, and take the word TODO away"
        if file.suffix == ".tsv" and found:
            first, line = next(iter(found.items()))
            rows = f"{len(found)} rows are" if len(found) > 1 else "a row is"
            problems.add(file, f"{rows} still to be filled in", fix, row=first - 1, value=line)
            continue
        for number, line in found.items():
            problems.add(file, "still to be filled in", fix, row=f"line {number}", value=line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m acuomics.catalogue.scaffold", description=__doc__)
    parser.add_argument("name", help="the name of the study: small letters, digits and _")
    parser.add_argument("--into", type=Path, default=Path("studies"), help="the folder of study folders (studies)")
    options = parser.parse_args(arguments)
    try:
        written = new_study(options.name, options.into)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print("written:", *written, sep="\n  ")
    print(
        "Every key is explained in study.yaml. `make check` names what is still to be filled in; then a\n"
        f"configuration, say my.yaml,\n  studies: [{options.name}]\n  study_folders: [{options.into}]\n"
        'and `make run ARGS="--configfile my.yaml"` analyse it.'
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

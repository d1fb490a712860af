"""SOFT family files of GEO: samples, their characteristics, and where their reads and BioSamples are."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from acuomics.inputs.text import RATIO, UNPACKED

_RELATION = re.compile(r"(SRA|BioSample|BioProject)\s*:\s*\S*?(?:term=|/)([A-Z]+\d+)\s*$")


@dataclass
class Sample:
    """A sample of a series: GSM accession, title, characteristics (lower-case keys), SRX and BioSample accessions."""

    accession: str
    title: str = ""
    characteristics: dict[str, str] = field(default_factory=dict)
    experiments: list[str] = field(default_factory=list)
    biosample: str = ""
    files: list[str] = field(default_factory=list)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every name of the sample, for the match with a sample sheet."""
        names = [*self.experiments, self.biosample, self.title, self.accession]
        return tuple(dict.fromkeys(name for name in names if name))


@dataclass
class Family:
    """A series: accession, title, BioProject and SRA study accessions, and its samples in file order."""

    accession: str = ""
    title: str = ""
    bioprojects: list[str] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def parse_family(lines: Iterable[str]) -> Family:
    """Read the lines of a SOFT family file; the tables of platforms and samples are passed over.

    Parameters
    ----------
    lines : iterable of str
        ``^ENTITY = accession`` begins an entity, ``!key = value`` describes it (GEO's SOFT format).

    Returns
    -------
    Family
        With an empty accession when no series was found.
    """
    family, sample, entity = Family(), None, ""
    for line in lines:
        if line.startswith("^"):
            entity, _, accession = line[1:].rstrip("\r\n").partition(" = ")
            sample = None
            if entity == "SERIES":
                family.accession = accession.strip()
            elif entity == "SAMPLE":
                sample = Sample(accession.strip())
                family.samples.append(sample)
        elif line.startswith("!"):
            key, separator, value = line[1:].rstrip("\r\n").partition(" = ")
            if separator and sample is not None:
                _describe(sample, key, value.strip())
            elif separator and entity == "SERIES":
                if key == "Series_title":
                    family.title = value.strip()
                elif key == "Series_relation" and (match := _RELATION.search(value)):
                    {"SRA": family.studies, "BioProject": family.bioprojects}.get(match[1], []).append(match[2])
    return family


def _describe(sample: Sample, key: str, value: str) -> None:
    if key == "Sample_title":
        sample.title = value
    elif key.startswith("Sample_characteristics"):
        name, separator, text = value.partition(":")
        if separator:
            sample.characteristics[name.strip().lower()] = text.strip()
    elif key == "Sample_relation" and (match := _RELATION.search(value)):
        if match[1] == "SRA":
            sample.experiments.append(match[2])
        elif match[1] == "BioSample":
            sample.biosample = match[2]
    elif key.startswith("Sample_supplementary_file") and value.upper() != "NONE":
        sample.files.append(value)


def read_family(content: bytes) -> Family:
    """Read a gzipped SOFT family file.

    Raises
    ------
    ValueError
        When it is not gzip, or cut short.
    """

    most = max(UNPACKED, RATIO * len(content))

    def lines() -> Iterator[str]:
        total = 0
        with gzip.open(io.BytesIO(content), "rt", encoding="utf-8", errors="replace") as handle:
            # Not line by line: one line may be all of a bomb.
            while line := handle.readline(1 << 24):
                total += len(line)
                if total > most:
                    raise ValueError(f"{len(content)} bytes unpack to more than {most}")
                yield line

    try:
        return parse_family(lines())
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from None

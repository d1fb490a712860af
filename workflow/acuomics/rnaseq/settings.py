"""How the reads of a study are counted: the configuration, and what the study says of its library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acuomics.rnaseq.quantify import Fragments


@dataclass(frozen=True)
class CountSettings:
    """How a sample is counted.

    Parameters
    ----------
    engine : {"kallisto", "salmon"}
    layout : {"auto", "single", "paired"}
    strand : {"auto", "unstranded", "forward", "reverse"}
        ``auto`` infers it from the sample of reads; anything else is taken as declared.
    fragment_mean, fragment_sd : float or None
        Of single reads; both or none.
    sampled : int
        Reads or pairs that are looked at for strand, species, library and places.
    """

    engine: str = "kallisto"
    layout: str = "auto"
    strand: str = "auto"
    fragment_mean: float | None = None
    fragment_sd: float | None = None
    sampled: int = 50_000

    @classmethod
    def of(cls, section: Mapping[str, Any], library: Mapping[str, Any]) -> CountSettings:
        """Put what the configuration says together with what the study says of its library, which goes first.

        Parameters
        ----------
        section : mapping
            ``rnaseq`` of the configuration.
        library : mapping
            ``reads`` of the study record.
        """
        own = library["fragment_mean"] is not None and library["fragment_sd"] is not None
        lengths = library if own else section
        return cls(
            engine=section["engine"],
            layout=library["layout"],
            strand=library["strand"] or section["strand"],
            fragment_mean=lengths["fragment_mean"],
            fragment_sd=lengths["fragment_sd"],
            sampled=section["sampled"],
        )

    @property
    def fragments(self) -> Fragments:
        """The length of single reads' fragments, and who says so."""
        if self.fragment_mean is None or self.fragment_sd is None:
            return Fragments()
        return Fragments(self.fragment_mean, self.fragment_sd, "declared")

"""acuomics: what an acupuncture sequencing study really shows. The library behind the workflow."""

__version__ = "0.1.0"
#: The day of this version, the date of crates; a run has none of its own, so that the same inputs give the same bytes.
RELEASED = "2026-11-22"

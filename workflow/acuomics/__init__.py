"""acuomics: what an acupuncture sequencing study really shows. The library behind the workflow."""

__version__ = "0.1.0"

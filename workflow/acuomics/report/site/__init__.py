"""The static site of a run: pages that open from disk, their data, their words in two languages, their downloads."""

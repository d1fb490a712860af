"""From small-RNA reads to miRNA counts."""

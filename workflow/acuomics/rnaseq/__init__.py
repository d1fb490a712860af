"""From mRNA-seq reads to gene counts: transcripts quantified, summed by gene, lengths kept, libraries judged."""

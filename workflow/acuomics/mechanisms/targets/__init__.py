"""From miRNAs to validated targets of the same species, and from there to mechanisms: one step at a time."""

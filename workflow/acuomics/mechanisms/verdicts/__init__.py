"""What a study can say about each curated claim: one verdict of a closed vocabulary, with its reason in words."""

"""The curated analgesia mechanisms, and what they have to say about a study's features."""

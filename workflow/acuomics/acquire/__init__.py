"""Are these the deposited bytes? Accessions resolved once, files fetched, verified and held to their hashes."""

"""Reading and checking files that other people made; `catalogue` and `intake` share it."""

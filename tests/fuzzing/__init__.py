"""Fuzzing of the readers: mutations of valid files, what reads them, and campaigns."""

"""Counts of a three-arm study with known truth."""

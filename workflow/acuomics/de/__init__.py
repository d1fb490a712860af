"""Differential expression: one negative-binomial fit a study, every contrast from it."""

"""Negative-binomial kernels that work on all genes at once, with NumPy and ``scipy.special`` alone.

Layout everywhere: samples x genes, so that a sum over samples is a matrix product or a sum over axis 0.
The rules are those of DESeq2 (Love, Huber and Anders 2014), as R's version 1.38 applies them.
"""

"""Set tests of the declared super-families: precision-weighted linear models, fry, camera, and ULM as sensitivity.

Layout everywhere: samples x genes, as in `acuomics.de.kernels`. A set is a pair of gene positions and claimed signs.
The way through: `weighted_model`, `fit_contrasts`, then `set_tests` and `ulm_sensitivity`.
"""

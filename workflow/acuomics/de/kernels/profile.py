"""The likelihood of log dispersion, Cox-Reid adjusted, with its prior and its slope, of all genes at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import digamma, gammaln

from acuomics.de.kernels.packed import Array, PackedDesign


class DispersionProfile:
    """Log posterior of one log dispersion a gene, given fitted means (Love et al. 2014, eq. 4 and 7).

    The Cox-Reid term is half the log determinant of X'WX; the prior is normal around `centre` on the log scale, or
    none. Additive constants that do not depend on the dispersion are left out.

    Parameters
    ----------
    counts, mu : arrays of shape (samples, genes)
    design : PackedDesign
    centre : array of shape (genes,), optional
        Mean of the prior, natural log.
    variance : float
        Its variance.
    """

    def __init__(
        self,
        counts: Array,
        mu: Array,
        design: PackedDesign,
        centre: Array | None = None,
        variance: float = 1.0,
    ) -> None:
        self.counts: Array = np.ascontiguousarray(counts, dtype=float)
        self.mu: Array = np.ascontiguousarray(mu, dtype=float)
        self.inverse_mu: Array = 1.0 / self.mu
        self.design = design
        self.centre, self.variance = centre, variance

    def __len__(self) -> int:
        return int(self.counts.shape[1])

    def take(self, genes: np.ndarray | slice) -> DispersionProfile:
        """The same profile for some of the genes (positions, a mask or a slice)."""
        part = object.__new__(DispersionProfile)
        part.counts, part.mu, part.inverse_mu = self.counts[:, genes], self.mu[:, genes], self.inverse_mu[:, genes]
        part.design, part.variance = self.design, self.variance
        part.centre = None if self.centre is None else self.centre[genes]
        return part

    @classmethod
    def join(cls, parts: Sequence[DispersionProfile]) -> DispersionProfile:
        """Profiles of one design and one prior variance side by side."""
        whole = object.__new__(cls)
        whole.counts = np.concatenate([part.counts for part in parts], axis=1)
        whole.mu = np.concatenate([part.mu for part in parts], axis=1)
        whole.inverse_mu = np.concatenate([part.inverse_mu for part in parts], axis=1)
        whole.design, whole.variance = parts[0].design, parts[0].variance
        centres = [part.centre for part in parts if part.centre is not None]
        whole.centre = np.concatenate(centres) if centres else None
        return whole

    def value(self, x: Array) -> Array:
        """Log posterior at log dispersion `x`, shape (genes,)."""
        alpha = np.exp(x)
        size = 1.0 / alpha
        terms = gammaln(self.counts + size)
        terms -= gammaln(size)
        work = self.mu + size
        np.log(work, out=work)
        work *= self.counts
        terms -= work
        np.multiply(self.mu, alpha, out=work)
        np.log1p(work, out=work)
        work *= size
        terms -= work
        value: Array = terms.sum(axis=0)
        factor = self.design.cholesky(self.design.gram(1.0 / (self.inverse_mu + alpha)))
        value -= 0.5 * self.design.log_determinant(factor)
        return value if self.centre is None else value - 0.5 * (x - self.centre) ** 2 / self.variance

    def slope(self, x: Array) -> Array:
        """Derivative of `value` with respect to log dispersion, shape (genes,)."""
        design = self.design
        alpha = np.exp(x)
        size = 1.0 / alpha
        shifted = self.mu + size
        terms = digamma(size) - digamma(self.counts + size)
        terms += np.log(shifted)
        terms -= np.log(size)
        work = self.mu - self.counts
        work /= shifted
        terms -= work
        slope: Array = terms.sum(axis=0) * size
        weights = 1.0 / (self.inverse_mu + alpha)
        inverse = design.inverse(design.cholesky(design.gram(weights))) * design.multiplicity
        weights *= weights
        slope += 0.5 * alpha * (inverse * design.gram(weights)).sum(axis=0)
        return slope if self.centre is None else slope - (x - self.centre) / self.variance

    def constant(self) -> Array:
        """What `value` leaves out of the log likelihood: sum of y log(mu) - log(y!), shape (genes,)."""
        left_out: Array = (self.counts * np.log(self.mu) - gammaln(self.counts + 1.0)).sum(axis=0)
        return left_out

"""What is to be simulated: sizes, depth, expression, dispersion and the shares of the planted classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acuomics.problems import Problems
from acuomics.simulate.classes import PLANTED


@dataclass(frozen=True)
class SimulationSpec:
    """Parameters of a simulated three-arm study; the defaults are those of an mRNA library.

    Parameters
    ----------
    n_features : int
        All features, the listed real ones included.
    invented_prefix : str
        Invented features are called by this and a running number.
    invented_digits : int
        Digits of that number.
    factor : str
        Column of the samples table that holds the arm.
    control, model, treated : str
        The three levels of `factor`.
    depth_mean : float
        Mean library size, in counts.
    depth_cv : float
        Coefficient of variation of the library sizes (log-normal).
    expression_log_sd : float
        Standard deviation of the natural log of the mean counts of expressed features.
    low_share : float
        Share of invented and unspecified features that are hardly expressed or not at all.
    low_median, low_log_sd : float
        Median and natural-log standard deviation of their mean counts.
    a0, a1 : float
        The dispersion trend ``a0 + a1 / mean``.
    dispersion_log_sd : float
        Standard deviation of the natural log of the dispersions about the trend.
    min_log2fc, max_log2fc : float
        Bounds of the absolute planted log2 fold changes.
    up_share : float
        Share of planted changes that are increases; away from a half the composition of the libraries
        shifts between the arms.
    shares : mapping of str to float
        Share of the invented features that each planted class gets; the rest has no effect.
    """

    n_features: int
    invented_prefix: str = "SimGene"
    invented_digits: int = 5
    factor: str = "condition"
    control: str = "control"
    model: str = "RTX"
    treated: str = "RTX_EA"
    depth_mean: float = 17e6
    depth_cv: float = 0.3
    expression_log_sd: float = 1.8
    low_share: float = 0.15
    low_median: float = 0.3
    low_log_sd: float = 1.5
    a0: float = 0.04
    a1: float = 2.0
    dispersion_log_sd: float = 0.6
    min_log2fc: float = 0.6
    max_log2fc: float = 2.5
    up_share: float = 0.55
    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_study(cls, simulation: Mapping[str, Any], *, file: str = "study.yaml") -> SimulationSpec:
        """Read the ``simulation`` section of a study.yaml.

        Parameters
        ----------
        simulation : mapping
            As ``workflow/schemas/simulation.schema.json`` describes it.
        file : str
            How messages call the place it came from.

        Returns
        -------
        SimulationSpec
            The same parameters.

        Raises
        ------
        InputError
            When the shares exceed one, the bounds of the effects are reversed, or two arms are one.
        """
        arms, effects = simulation["arms"], simulation["effects"]
        depth, expression, dispersion = (simulation[name] for name in ("depth", "expression", "dispersion"))
        spec = cls(
            n_features=simulation["n_features"],
            invented_prefix=simulation["invented"]["prefix"],
            invented_digits=simulation["invented"]["digits"],
            factor=simulation["factor"],
            control=arms["control"],
            model=arms["model"],
            treated=arms["treated"],
            depth_mean=depth["mean"],
            depth_cv=depth["cv"],
            expression_log_sd=expression["log_sd"],
            low_share=expression["low_share"],
            low_median=expression["low_median"],
            low_log_sd=expression["low_log_sd"],
            a0=dispersion["a0"],
            a1=dispersion["a1"],
            dispersion_log_sd=dispersion["log_sd"],
            min_log2fc=effects["min_log2fc"],
            max_log2fc=effects["max_log2fc"],
            up_share=effects["up_share"],
            shares=dict(effects["shares"]),
        )
        spec.check(file).raise_if_any()
        return spec

    def check(self, file: str) -> Problems:
        """Collect what a schema cannot see: values that contradict one another."""
        problems = Problems()
        where = "simulation.effects.shares"
        for name in sorted(set(self.shares) - set(PLANTED)):
            known = ", ".join(PLANTED)
            problems.add(file, "unknown planted class", f"use one of {known}", column=where, value=name)
        total = sum(self.shares.values())
        if total > 1:
            problems.add(file, "the shares add up to more than one", "lower them", column=where, value=f"{total:g}")
        if self.min_log2fc > self.max_log2fc:
            problems.add(
                file,
                "min_log2fc exceeds max_log2fc",
                "exchange them",
                column="simulation.effects.min_log2fc",
                value=self.min_log2fc,
            )
        if len({self.control, self.model, self.treated}) < 3:
            problems.add(
                file,
                "two arms have the same level",
                "name three different levels of the factor",
                column="simulation.arms",
                value=f"{self.control}, {self.model}, {self.treated}",
            )
        return problems

    def null(self) -> SimulationSpec:
        """Give the same study without any planted effect among its invented features."""
        return replace(self, shares={})

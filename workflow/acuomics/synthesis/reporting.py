"""What papers of this field report, counted from the catalogue of published studies."""

from __future__ import annotations

import pandas as pd

from acuomics.catalogue.overview import reporting_rows
from acuomics.catalogue.published import Published, PublishedStudy
from acuomics.synthesis.vocabulary import REPORTING_COLUMNS

#: Libraries an arm up to which a study is called small: the usual number of this field.
SMALL = 3


def reporting_table(published: Published) -> pd.DataFrame:
    """Count what is stated in what was read of the published studies.

    Returns
    -------
    DataFrame
        `REPORTING_COLUMNS`: the rows of `acuomics.catalogue.overview.reporting_rows`, then how small the arms are
        where their sizes are stated, and of how many studies data can be had that can be tested. `share` is empty
        where no study is asked.
    """
    rows = reporting_rows(published)
    stimulated = [study for study in published.studies if study.facts["intervention"]["kind"] != "none"]
    sized = [study for study in stimulated if _smallest(study) is not None]
    small = [study for study in sized if (_smallest(study) or 0) <= SMALL]
    open_ = [study for study in stimulated if "negative_binomial" in study.facts["admits"]]
    for practice, among, population, met in (
        (f"smallest arm has {SMALL} libraries or fewer", "libraries of every arm stated", sized, small),
        ("counts can be had that models can be fitted to", "stimulated", stimulated, open_),
    ):
        names = ";".join(study.study for study in met) or None
        rows.append({"practice": practice, "among": among, "of": len(population), "stated": len(met), "studies": names})
    table = pd.DataFrame(rows)
    table["share"] = (table["stated"] / table["of"]).where(table["of"] > 0)
    table["studies"] = table["studies"].fillna("")
    return table[list(REPORTING_COLUMNS)]


def _smallest(study: PublishedStudy) -> int | None:
    """Libraries in the smallest arm; None where an arm's number is not stated."""
    sizes = [arm["n"] for arm in study.facts["arms"] or []]
    return None if not sizes or None in sizes else int(min(sizes))

"""A section of a MultiQC page: what the inserts of every sample are, with its verdict."""

from __future__ import annotations

import json

import pandas as pd


def multiqc_section(study: str, classes: pd.DataFrame, qc: pd.DataFrame) -> str:
    """Give a bar graph of classes as MultiQC's custom content (a ``*_mqc.json`` file; format of MultiQC 1.x).

    Parameters
    ----------
    study : str
        Its name.
    classes : DataFrame
        ``sample, class, reads``.
    qc : DataFrame
        ``sample, verdict``.
    """
    verdict = dict(zip(qc["sample"], qc["verdict"], strict=True))
    table = classes.set_index(["sample", "class"])["reads"]
    order = list(dict.fromkeys(classes["class"]))
    data = {
        f"{sample} ({verdict[sample]})": {name: int(table[sample, name]) for name in order}
        for sample in dict.fromkeys(classes["sample"])
    }
    content = {
        "id": f"acuomics_smallrna_{study}",
        "section_name": f"acuomics: small RNA of {study}",
        "description": "Reads (molecules with UMIs) by what their inserts are; the verdict stands beside the sample.",
        "plot_type": "bargraph",
        "pconfig": {
            "id": f"acuomics_smallrna_{study}_plot",
            "title": f"Small RNA classes, {study}",
            "ylab": "reads or molecules",
        },
        "data": data,
    }
    return json.dumps(content, indent=1, sort_keys=False) + "\n"

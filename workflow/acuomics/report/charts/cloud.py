"""The features of one contrast as points: the data that its volcano and MA plot share, and their layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from acuomics.report.charts.parts import SELECT, ZOOM, drawn, told_apart, tooltip
from acuomics.report.style import DOWN, GREY, UP

LOOKS = {"up": (UP, "triangle-up"), "down": (DOWN, "triangle-down"), "not called": (GREY, "circle")}
HOVER = tooltip(
    ("symbol", "Name"),
    ("feature", "Feature"),
    ("log2fc", "log2 fold change", ".3f"),
    ("se", "its standard error", ".3f"),
    ("base_mean", "mean of normalised counts", ",.1f"),
    ("p", "p (Wald)", ".3g"),
    ("q", "q (Benjamini-Hochberg)", ".3g"),
    ("status", "Status of the test"),
)


def contrast_frame(table: pd.DataFrame, q: float) -> pd.DataFrame:
    """The data of the plots of one contrast (see `contrast_charts`)."""
    table = table[(table["base_mean"] > 0) & table["log2fc"].notna()]
    p = table["p"].to_numpy(dtype=float)
    # A p of exactly 0 is smaller than a computer can say: it is drawn as high as the smallest that it can.
    positive = p[p > 0]
    height = -np.log10(np.maximum(p, positive.min() if positive.size else 1e-300)) + 0.0
    called = (table["q"] < q).to_numpy()
    change, mean = table["log2fc"].to_numpy(dtype=float), table["base_mean"].to_numpy(dtype=float)
    frame = pd.DataFrame(
        {
            "feature": table["feature"].to_numpy(),
            "symbol": table["label"].to_numpy(),
            "base_mean": mean,
            "log2fc": change,
            "se": table["log2fc_se"].to_numpy(dtype=float),
            "p": p,
            "q": table["q"].to_numpy(dtype=float),
            "height": height,
            "call": np.where(called, np.where(change > 0, "up", "down"), "not called"),
            "status": table["status"].to_numpy(),
            "ma": drawn(np.log10(mean), np.clip(change, -limit_of(change), limit_of(change)), called),
            "volcano": drawn(change, height, called),
        }
    )
    # The last are drawn on top: the called ones, the most certain at the very end.
    order = np.lexsort((frame["feature"], -frame["q"].fillna(1.0), called))
    return frame.iloc[order].reset_index(drop=True)


def limit_of(change: Any) -> float:
    """Where the axis of fold changes of an MA plot ends: one feature in a thousand lies beyond."""
    return max(1.0, float(np.nanquantile(np.abs(change), 0.999)) * 1.1) if len(change) else 1.0


def cloud(frame: pd.DataFrame, which: str, tell: str) -> dict[str, Any]:
    """The layer of the points, with zoom and selection; `which` is the column that tells what is drawn."""
    counts = {str(name): int(n) for name, n in frame["call"].value_counts().items()}
    looks = {name: look for name, look in LOOKS.items() if counts.get(name)}
    called = "datum.call !== 'not called'"
    return {
        "params": [ZOOM, SELECT],
        "transform": [{"filter": f"datum.{which} === 1"}],
        "mark": {"type": "point", "filled": True, "clip": True, "aria": False, "strokeWidth": 0},
        "encoding": {
            **told_apart("call", looks, counts),
            "size": {"condition": {"test": called, "value": 34}, "value": 12 if len(frame) > 3000 else 20},
            "opacity": {"condition": {"test": called, "value": 0.85}, "value": 0.4},
            "tooltip": HOVER,
        },
        "description": tell,
    }

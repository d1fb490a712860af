"""Gene lengths in the order of the counts, and what is refused."""

import pandas as pd
import pytest

from acuomics.intake.lengths import take_in_lengths
from acuomics.problems import InputError

COUNTS = pd.DataFrame({"feature": pd.Series(["g2", "g1"], dtype="string"), "b": [1, 2], "a": [3, 4]})
LENGTHS = pd.DataFrame({"gene": ["g1", "g2", "g3"], "a": [1.0, 2, 3], "b": [4.0, 5, 6], "left_out": [7.0, 8, 9]})


def test_lengths_stand_as_the_counts_do():
    found = take_in_lengths(COUNTS, LENGTHS, "lengths.tsv")
    assert list(found.columns) == ["feature", "b", "a"] and found["feature"].dtype == COUNTS["feature"].dtype
    assert found.to_numpy().tolist() == [["g2", 5.0, 2.0], ["g1", 4.0, 1.0]]


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        (LENGTHS.drop(columns="b"), "lengths.tsv, column b: the sample has no lengths"),
        (LENGTHS.iloc[1:], "lengths.tsv, row g1: 1 genes have no positive length"),
        (LENGTHS.assign(a=[1.0, 0.0, 1.0]), "lengths.tsv, row g2: 1 genes have no positive length"),
    ],
)
def test_lengths_that_are_missing_or_not_positive(lengths, said):
    with pytest.raises(InputError) as caught:
        take_in_lengths(COUNTS, lengths, "lengths.tsv")
    assert said in str(caught.value) and "count the reads again" in str(caught.value)

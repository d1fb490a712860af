"""Orthologues: groups, one-to-many kept and counted, and tables that are none."""

import gzip

import numpy as np
import pandas as pd
import pytest

from acuomics.problems import InputError
from acuomics.synthesis.orthologues import across_species, read_orthologues
from acuomics.synthesis.vocabulary import Settings
from tests.synthesis import effects

HEAD = "human_symbol\thuman_entrez\ttaxon_id\tsymbol\tentrez\tsupport_n\n"
ROWS = (
    ("A", "1", "10116", "a", "101", 8),
    ("A", "1", "10090", "a", "201", 8),
    ("A", "1", "10090", "a", "201", 8),
    # Two rat genes of one human gene.
    ("B", "2", "10116", "b1", "102", 5),
    ("B", "2", "10116", "b2", "103", 4),
    ("B", "2", "10090", "b", "202", 9),
    # One mouse gene of two human genes.
    ("C", "3", "10090", "cd", "203", 7),
    ("D", "4", "10090", "cd", "203", 3),
    # Too few sources, and one without a number.
    ("E", "5", "10116", "e", "105", 2),
    ("F", "6", "10116", "f", "NA", 9),
)


def write(path, rows=ROWS, head=HEAD):
    text = head + "".join("\t".join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["o.tsv", "o.tsv.gz"])
def test_groups_are_made_and_counted(tmp_path, name):
    pairs, counts = read_orthologues(write(tmp_path / name), Settings())
    found = pairs.set_index(["taxon", "identifier"])
    assert found["group"].to_dict() == {
        ("10090", "201"): "1",
        ("10090", "202"): "2",
        ("10090", "203"): "3",
        ("10116", "101"): "1",
        ("10116", "102"): "2",
        ("10116", "103"): "2",
    }
    assert found.index[found["one_to_many"]].tolist() == [("10090", "203"), ("10116", "102"), ("10116", "103")]
    dropped = {"incomplete": 1, "too_little_support": 1, "repeated": 1, "another_group_is_better_supported": 1}
    assert (counts["n_in"], counts["n_out"], counts["dropped"]) == (10, 6, dropped)
    assert counts["n_in"] - counts["n_out"] == sum(dropped.values())
    assert (counts["n_groups"], counts["n_one_to_one"], counts["n_one_to_many"]) == (3, 3, 3)


def test_genes_of_several_species_meet_in_their_group(tmp_path):
    pairs, _ = read_orthologues(write(tmp_path / "o.tsv"), Settings())
    rat = effects(np.array([[1.0], [2.0], [3.0], [9.0]]), np.full((4, 1), 0.1), ["101", "102", "103", "999"])
    rat["base_mean"] = [10.0, 10.0, 20.0, 10.0]
    mouse = effects(np.array([[1.5], [2.5]]), np.full((2, 1), 0.1), ["201", "202"]).assign(study="s1")
    human = effects(np.array([[1.2]]), np.full((1, 1), 0.1), ["1"]).assign(study="s2")
    taxa = {"s0": 10116, "s1": 10090, "s2": 9606}
    found, counts = across_species(pd.concat([rat, mouse, human], ignore_index=True), taxa, pairs)
    assert dict(zip(zip(found["study"], found["identifier"], strict=True), found["log2fc"], strict=True)) == {
        ("s0", "1"): 1.0,
        ("s0", "2"): 3.0,  # of two rat genes the one with most reads
        ("s1", "1"): 1.5,
        ("s1", "2"): 2.5,
        ("s2", "1"): 1.2,
    }
    assert counts == {"n_in": 7, "n_out": 5, "n_without_group": 1, "n_shared_group": 1}
    assert set(found.loc[found["one_to_many"].astype(bool), "feature"]) == {"103"}


def test_a_number_that_is_none_is_found(tmp_path):
    bad = write(tmp_path / "o.tsv", [*ROWS, ("G", "x7", "10116", "g", "107", 8)])
    with pytest.raises(InputError, match="row 11, column human_entrez, value 'x7'"):
        read_orthologues(bad, Settings())


@pytest.mark.parametrize(
    "content,words",
    [
        (None, "no such file"),
        (b"a\tb\n1\t2\n", "column human_entrez"),
        (b"", "cannot be read"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "o.tsv.gz" if content and content[:1] == b"\x1f" else tmp_path / "o.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_orthologues(path, Settings())


def test_the_pinned_table_is_read(real_data):
    path = real_data / "genes" / "babelgene_human_mouse_rat_orthologs.tsv.gz"
    pairs, counts = read_orthologues(path, Settings())
    assert counts["n_in"] == 51_078 and not pairs.duplicated(["taxon", "identifier"]).any()
    assert counts["n_in"] - counts["n_out"] == sum(counts["dropped"].values())
    groups = pairs.set_index(["taxon", "identifier"])["group"]
    # Il1b and Penk of rat and mouse.
    assert groups["10116", "24494"] == groups["10090", "16176"] == "3553"
    assert groups["10116", "29237"] == groups["10090", "18619"] == "5179"
    assert 0.75 < counts["n_one_to_one"] / counts["n_out"] < 1.0

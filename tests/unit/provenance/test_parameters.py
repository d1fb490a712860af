"""What becomes of a configuration: parameters with dotted names, and no path of a machine."""

import pytest

from acuomics.provenance.inputs import shown_name
from acuomics.provenance.parameters import data_type, parameters, without_machine_paths


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/home/someone/data", "data"),
        ("~/data/genes.tsv", "genes.tsv"),
        ("C:\\data\\genes.tsv", "genes.tsv"),
        ("data/genes.tsv", "data/genes.tsv"),
        ("", ""),
        ("~ condition", "~ condition"),
        (["/a/b", 1, None], ["b", 1, None]),
        ({10116: "/a/b.tsv"}, {"10116": "b.tsv"}),
    ],
)
def test_absolute_paths_lose_their_folders(value, shown):
    assert without_machine_paths(value) == shown


def test_leaves_have_dotted_names_and_plain_values():
    content = {"de": {"q": 0.05, "engine": "deseq2"}, "own_data": {}, "studies": ["a", "b"], "x": None}
    assert parameters(content) == {
        "de.engine": "deseq2",
        "de.q": 0.05,
        "own_data": "{}",
        "studies": '["a", "b"]',
        "x": "null",
    }


@pytest.mark.parametrize(
    ("value", "name"), [(True, "Boolean"), (1, "Integer"), (0.5, "Float"), ("a", "Text"), ("null", "Text")]
)
def test_types_have_the_names_of_schema_org(value, name):
    assert data_type(value) == name


def test_a_file_is_named_below_a_known_folder_or_by_its_last_part(tmp_path):
    (tmp_path / "data" / "inner").mkdir(parents=True)
    file = tmp_path / "data" / "inner" / "x.tsv"
    file.touch()
    assert shown_name(file, [tmp_path / "else", tmp_path / "data"]) == "inner/x.tsv"
    assert shown_name(file, ["/"]) == "x.tsv"

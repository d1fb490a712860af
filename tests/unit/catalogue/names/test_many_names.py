"""Many names at once, the slips, and the command line."""

import pytest

from acuomics.catalogue.names import STATUSES, NameTables, resolve_all
from acuomics.catalogue.names.__main__ import main
from acuomics.catalogue.names.slips import kind_of, slips

RAT = 10116


@pytest.mark.parametrize(
    ("asked", "known", "kind"),
    [
        ("mir-223", "mir-223", 0),
        ("oasla", "oas1a", 1),
        ("mir–21", "mir-21", 1),
        ("mir-233-3p", "mir-223-3p", 2),
        ("mir-233-3p", "mir-323-3p", 3),
        ("esp8l1", "eps8l1", 3),
        ("mir-81", "mir-21", 4),
        ("mir-81", "mir-181", 4),
        ("mir-181", "mir-81", 4),
        ("abcd", "abxy", None),
        ("abcd", "ab", None),
        ("abcd", "dcba", None),
    ],
)  # fmt: skip
def test_kinds_of_slips(asked, known, kind):
    assert kind_of(asked, known) == kind
    found = slips(asked, {known: [known]})
    assert [slip.kind for slip in found] == ([] if kind is None else [kind])


def test_what_is_found_is_all_that_is_near(real_names):
    """The search by edits against the plain comparison with every name."""
    known = real_names.mirna.folded("rno", arms=True)
    for asked in ("mir-233-3p", "mir-21-5", "let-7x-5p", "mir-l24-3p", "mir-1246"):
        plain = {name for form, names in known.items() if kind_of(asked, form) is not None for name in names}
        assert {slip.name for slip in slips(asked, known)} == plain


def test_order_and_repeats_are_kept(real_names):
    names = ["rno-miR-7a", "x", "rno-miR-7a", "miR-124"]
    found = resolve_all(names, "mirna", RAT, real_names)
    assert [one.name for one in found] == names
    assert found[0] is found[2] and {one.status for one in found} <= set(STATUSES)
    assert resolve_all(["Casp9"], "gene", RAT, real_names)[0].id == "58918"
    assert resolve_all(["Casp9"], "gene", 9925, real_names)[0].status == "unresolved"
    assert "no table" in resolve_all(["miR-1"], "mirna", RAT, NameTables())[0].reason
    with pytest.raises(ValueError, match="kind is one of"):
        resolve_all(["x"], "protein", RAT, real_names)


def test_the_command_line(real_data, tmp_path, capsys):
    history = real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz"
    (tmp_path / "claims.tsv").write_text("claim\tfeature\n1\trno-miR-7a\n2\tmiR-223-3p\n")
    words = ["--taxon", "10116", "--mirbase-names", str(history)]
    assert main([*words, "--table", str(tmp_path / "claims.tsv"), "--column", "feature"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[:3] == ["name", "status", "id"]
    assert [line.split("\t")[2] for line in lines[1:]] == ["MIMAT0000606", "MIMAT0000892"]
    assert main([*words, "miR-9999999"]) == 1
    assert "unresolved" in capsys.readouterr().out
    assert main(["--taxon", "10116", "--mirbase-names", str(tmp_path / "none"), "--synonyms", "rat", "x"]) == 2
    errors = capsys.readouterr().err
    assert "2 problems" in errors and "the file does not exist" in errors and "not TAXON=FILE" in errors

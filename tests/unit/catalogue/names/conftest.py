"""The real tables of names, read once."""

import pytest

from acuomics.catalogue.names import NameTables, read_name_tables
from acuomics.problems import Problems
from tests.realdata import REPO

TABLES = {9606: "grch38", 10090: "grcm38", 10116: "rnor6"}


@pytest.fixture(scope="session")
def real_names(real_data) -> NameTables:
    problems = Problems()
    synonyms = str(real_data / "genes" / "geneinfo_synonyms_hsa_mmu_rno.tsv.gz")
    tables = read_name_tables(
        problems,
        mirbase_names=real_data / "mirbase" / "mirbase_name_history_hsa_mmu_rno_v6_v22.tsv.gz",
        mirbase_mature=real_data / "mirbase" / "mature_v22.1_all_species_DNA.fa.gz",
        gene_synonyms=dict.fromkeys(TABLES, synonyms),
        gene_tables={taxon: str(real_data / "genes" / f"annotables_{name}.tsv.gz") for taxon, name in TABLES.items()},
        resources=REPO / "resources" / "names",
    )
    assert not problems.found and tables.mirna is not None and set(tables.genes) == set(TABLES)
    return tables

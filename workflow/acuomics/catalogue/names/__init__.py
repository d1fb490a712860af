"""What a name means: miRNAs by miRBase's history of names, genes by NCBI's symbols and synonyms; never a guess."""

from acuomics.catalogue.names.gene import resolve_gene
from acuomics.catalogue.names.gene_table import GeneNames, read_gene_names
from acuomics.catalogue.names.mirna import resolve_mirna
from acuomics.catalogue.names.mirna_table import MirnaNames, read_mirna_names
from acuomics.catalogue.names.resolution import RESOLVED, STATUSES, Candidate, Resolution
from acuomics.catalogue.names.tables import NameTables, read_name_tables, resolve_all

__all__ = [
    "RESOLVED",
    "STATUSES",
    "Candidate",
    "GeneNames",
    "MirnaNames",
    "NameTables",
    "Resolution",
    "read_gene_names",
    "read_mirna_names",
    "read_name_tables",
    "resolve_all",
    "resolve_gene",
    "resolve_mirna",
]

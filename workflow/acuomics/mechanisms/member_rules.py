"""Rules on genes, microRNAs, entities and signs of mechanisms, beyond what the schema can say."""

from __future__ import annotations

from acuomics.inputs.words import some
from acuomics.mechanisms.package import Package, RawTable, Row, values
from acuomics.mechanisms.signs import SIGN_COLUMNS, read_sign
from acuomics.problems import Problems

# NCBI taxon to the prefixes of its identifiers: Ensembl, its own database, miRBase.
PREFIXES = {
    "9606": ("ENSG", "HGNC:", "hsa-"),
    "10090": ("ENSMUSG", "MGI:", "mmu-"),
    "10116": ("ENSRNOG", "RGD:", "rno-"),
    "6239": ("WBGene", "WB:", "cel-"),
}

# The direction of these says nothing about their own transcript, unless their expression is claimed.
RECEIVERS = ("receptor", "chemokine_receptor", "kinase", "channel")

SAME_IN_EVERY_SPECIES = ("entity_id", "role", "direction_rule", "expected_sign", "member_evidence")


def check_members(package: Package, problems: Problems) -> None:
    """Check the genes: one id a symbol, identifiers of their species, reasons of overrides, strong receptors."""
    table = package.tables["members"]
    claimed = {claim["entity_id"] for claim in package.tables["claims"].rows if claim["aspect"] == "abundance"}
    mechanisms_of: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        mechanisms_of.setdefault((row["species"], row["gene_ncbi"]), []).append(row["mechanism_id"])
    for number, row in enumerate(table.rows, start=1):

        def fault(column: str, message: str, fix: str, row: Row = row, number: int = number) -> None:
            message = f"{row['symbol']} ({row['mechanism_id']}): {message}"
            problems.add(table.file, message, fix, row=number, column=column, value=row[column])

        if row["species"] in PREFIXES:
            ensembl, database, _ = PREFIXES[row["species"]]
            for column, prefix in (("ensembl", ensembl), ("database_id", database)):
                if not all(value.startswith(prefix) for value in values(row[column])):
                    fault(column, f"an identifier of another species than {row['species']}", f"it begins with {prefix}")
        if (row["species"] == "9606") != (row["orthology_how"] == "reference"):
            fault("orthology_how", "human genes, and only these, are the reference", "say how the orthologue was found")
        if row["orthology_how"] == "curated_override" and not row["orthology_reason"]:
            fault("orthology_how", "an orthologue chosen against HCOP without a reason", "fill orthology_reason")
        strong = row["direction_rule"] == "strong"
        if strong and row["role"] in RECEIVERS and row["entity_id"] not in claimed:
            fix = "add a claim about its abundance with the same entity_id, or use direction_rule none"
            fault("direction_rule", f"a {row['role']} whose expression no claim is about is strong", fix)
        others = [other for other in mechanisms_of[row["species"], row["gene_ncbi"]] if other != row["mechanism_id"]]
        if sorted(others) != sorted(values(row["shared_with"])):
            fault("shared_with", "not the other mechanisms with this gene", f"write {'|'.join(others) or 'nothing'}")
    _one_to_one(table, "symbol", "gene_ncbi", problems)
    _one_to_one(table, "gene_ncbi", "symbol", problems)
    _one_to_one(table, "human_symbol", "gene_ncbi", problems)
    _same_in_every_species(table, problems)


def _one_to_one(table: RawTable, column: str, other: str, problems: Problems) -> None:
    """Complain where a value of `column` has two values of `other` in one species."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for number, row in enumerate(table.rows, start=1):
        found.setdefault((row["species"], row[column]), {}).setdefault(row[other], number)
    for (species, value), ids in found.items():
        if len(ids) > 1:
            problems.add(
                table.file,
                f"in species {species} it has {len(ids)} values of {other}: {some(sorted(ids), 5)}",
                f"keep the right {other} in all rows of {value}",
                row=max(ids.values()),
                column=column,
                value=value,
            )


def _same_in_every_species(table: RawTable, problems: Problems) -> None:
    """Complain where a gene's part in a mechanism differs between its species."""
    first: dict[tuple[str, str], Row] = {}
    for number, row in enumerate(table.rows, start=1):
        before = first.setdefault((row["mechanism_id"], row["human_symbol"]), row)
        for column in SAME_IN_EVERY_SPECIES:
            if row[column] != before[column]:
                problems.add(
                    table.file,
                    f"{row['symbol']} has {before[column]} in species {before['species']}",
                    "a gene has the same part in a mechanism in every species",
                    row=number,
                    column=column,
                    value=row[column],
                )


def check_mirnas(package: Package, problems: Problems) -> None:
    """Check the microRNAs: sequence, length, seed and name fit; emended names say why."""
    table = package.tables["mirnas"]
    for number, row in enumerate(table.rows, start=1):

        def fault(column: str, message: str, fix: str, row: Row = row, number: int = number) -> None:
            message = f"{row['name_v22']}: {message}"
            problems.add(table.file, message, fix, row=number, column=column, value=row[column])

        if row["length"] != str(len(row["sequence"])):
            fault("length", f"the sequence has {len(row['sequence'])} bases", "mend length or sequence")
        if row["seed"] != row["sequence"][1:8]:
            fault("seed", f"bases 2 to 8 are {row['sequence'][1:8]}", "mend seed or sequence")
        if row["species"] in PREFIXES and not row["name_v22"].startswith(PREFIXES[row["species"]][2]):
            fault("name_v22", f"the name of another species than {row['species']}", "mend name or species")
        emended = bool(row["emended_name"] and row["emendation_reason"] and row["emended_by"])
        if (row["emended"] == "true") != emended or (emended and not row["literal_name"]):
            fix = "an emended name has literal_name, emended_name, emendation_reason and emended_by; others have none"
            fault("emended", "an emendation that is not whole", fix)
        if (row["use"] == "claim") != bool(row["claim_id"]):
            fault("use", "claim_id and use do not fit", "use claim needs a claim_id; context and trap have none")


def check_entities(package: Package, problems: Problems) -> None:
    """Check the entities: an emended name keeps the printed one and says why; none includes itself."""
    table = package.tables["entities"]
    includes = {row["entity_id"]: values(row["includes"]) for row in table.rows}
    for number, row in enumerate(table.rows, start=1):
        parts = [row["emended_name"], row["emendation_reason"], row["emended_by"]]
        if any(parts) and not (all(parts) and row["literal_name"]):
            fix = "fill literal_name, emended_name, emendation_reason and emended_by, or none of the last three"
            problems.add(
                table.file,
                f"{row['entity_id']}: an emendation that is not whole",
                fix,
                row=number,
                column="emended_name",
                value=row["emended_name"],
            )
        seen: set[str] = set()
        waiting = list(includes[row["entity_id"]])
        while waiting:
            entity = waiting.pop()
            if entity not in seen:
                seen.add(entity)
                waiting += includes.get(entity, [])
        if row["entity_id"] in seen:
            message, fix = "the entity includes itself, directly or through others", "break the circle"
            problems.add(table.file, message, fix, row=number, column="includes", value=row["includes"])


def check_signs(package: Package, problems: Problems) -> None:
    """Check that every sign of a mechanism can be read, and that obsolete ones say what replaces them."""
    table = package.tables["mechanisms"]
    for number, row in enumerate(table.rows, start=1):
        for column in SIGN_COLUMNS:
            if read_sign(row[column], row["sign_status"]) is None:
                problems.add(
                    table.file,
                    "a sign that nobody can read",
                    "the description of the column in datapackage.json says what may stand here",
                    row=number,
                    column=column,
                    value=row[column],
                )
        if row["status"] == "active" and row["replaced_by"]:
            message, fix = "an active mechanism is replaced by none", "write status obsolete, or empty replaced_by"
            problems.add(table.file, message, fix, row=number, column="replaced_by", value=row["replaced_by"])

# What every stage needs: the library, the studies (checked before anything runs), and what depends on a study.
import os
import re
import sys

# The folder of the Snakefile; `workflow.basedir` would be another one where this workflow is a module of that.
ROOT = os.path.dirname(os.path.dirname(str(workflow.current_basedir)))
sys.path.insert(0, f"{ROOT}/workflow")

from snakemake.exceptions import WorkflowError

if not os.path.isdir(f"{ROOT}/workflow/acuomics"):
    raise WorkflowError(
        f"the library of acuomics is not in {ROOT}: clone its repository, and name the clone's Snakefile as the module"
    )

from acuomics.acquire.ledger import Ledger
from acuomics.acquire.plan import binding_sha256, plan_acquisition
from acuomics.catalogue.configuration import complete
from acuomics.catalogue.load import load_catalogue
from acuomics.catalogue.references import name_files
from acuomics.environment import prepare
from acuomics.mechanisms.validation import check_set
from acuomics.problems import InputError, Problems
from acuomics.rnaseq.engines import version_if_any
from acuomics.seals import check_sizes

prepare(f"{ROOT}/workflow")

# A workflow that imports this one gives its own configuration; what that leaves out is as committed.
complete(config, f"{ROOT}/config.yaml")

try:
    FAULTS = Problems()
    check_set(f"{ROOT}/resources/mechanisms", FAULTS)
    # Results that were damaged or changed since a run wrote them; the jobs of a run see to what they read.
    if workflow.is_main_process:
        check_sizes(FAULTS)
    FAULTS.raise_if_any()
    CATALOGUE = load_catalogue(config, embedded=f"{ROOT}/resources/studies")
    DEPOSITS = plan_acquisition(CATALOGUE, config)
except InputError as error:
    raise WorkflowError(str(error)) from None


def named(*kinds):
    """The names of the run's studies of these kinds."""
    return [name for name, study in CATALOGUE.studies.items() if study.kind in kinds]


def only(names):
    """A wildcard constraint: these names; without any, nothing."""
    return "|".join(names) or "(?!)"


# Studies whose counts are modelled; those that begin with reads; those with a table of statistics; those of which
# there is nothing but what was published.
COUNTED = named("simulated", "counts", "reads")
FROM_READS = [name for name in COUNTED if CATALOGUE.studies[name].reads_files]
SMALL_RNA = [n for n in FROM_READS if CATALOGUE.studies[n].record["assay"] == "mirna"]
MRNA_READS = [name for name in FROM_READS if name not in SMALL_RNA]
SIMULATED_READS = [name for name in FROM_READS if name in named("simulated")]
STATISTICS = named("statistics")
PUBLISHED = named("statistics", "claims_only")

# The verdicts on the samples of all studies that begin with reads.
READS_QUALITY = [
    *collect("results/{study}/smallrna/qc.tsv", study=SMALL_RNA),
    *collect("results/{study}/rnaseq/qc.tsv", study=MRNA_READS),
]

# Single cells, simulated ones among them; and the studies that their declared cell types become (a name each, known
# before anything runs). Types of the same animals are no replicates of each other: they enter the verdicts and no pooling.
CELLS = named("cells")
SIMULATED_CELLS = [name for name in CELLS if CATALOGUE.studies[name].simulated]
TYPES_OF = {
    name: [entry["study"] for entry in CATALOGUE.studies[name].types] for name in CELLS
}
DERIVED = [name for names in TYPES_OF.values() for name in names]
CELL_TABLES = f"{ROOT}/resources/cells"

# The rule fetch_file matches the files of the tables files.tsv only; without any, nothing.
DEPOSITED_NAMES = (
    "|".join(sorted({re.escape(name) for files in DEPOSITS.values() for name in files}))
    or "(?!)"
)

# Validated targets of miRNAs; without a table nothing is linked.
TARGETS = config["mechanisms"]["mirna_targets"]
TARGET_LINKS = [
    f"results/{pair['mirna']}/mechanisms/targets.{pair['mrna']}.tsv"
    for pair in (TARGETS["pairs"] if TARGETS["table"] else [])
]


wildcard_constraints:
    mrna=r"[a-z][a-z0-9_]*",
    # What a cell type becomes is made by the one rule of its study.
    study=rf"(?!(?:{'|'.join(DERIVED)})/)[a-z][a-z0-9_]*",
    contrast=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    pair=r"[A-Za-z0-9][A-Za-z0-9_.-]*",


def study_of(wildcards):
    return CATALOGUE.studies[wildcards.study]


def record_of(wildcards):
    return study_of(wildcards).record


def record_files_of(wildcards):
    return study_of(wildcards).record_files


def counts_files_of(wildcards):
    return study_of(wildcards).counts_files


def study_file_of(wildcards):
    return f"{study_of(wildcards).folder}/study.yaml"


def planted_features_of(wildcards):
    """The features of a simulated study that have a name and stated effects."""
    return f"{study_of(wildcards).folder}/features.tsv"


def planted_types_of(wildcards):
    """The cell types of a simulated study, with their shares and changes."""
    return f"{study_of(wildcards).folder}/cell_types.tsv"


def cells_of(wildcards):
    """The files of the cells: one of all libraries, or one a library."""
    if wildcards.study in SIMULATED_CELLS:
        return [f"results/{wildcards.study}/simulate/cells.h5ad"]
    return study_of(wildcards).cells_files


def descriptions_of_types(wildcards):
    """What the report says of each cell type of the study."""
    return collect("results/{study}/report/study.json", study=TYPES_OF[wildcards.study])


def contaminants_of(wildcards):
    """The miRNAs of other species in the reads of a simulated study; nothing where none are listed."""
    path = f"{study_of(wildcards).folder}/contaminants.tsv"
    return path if os.path.exists(path) else []


def gene_table_of(wildcards):
    """The gene table of the study's species; none where none is configured."""
    tables = {str(taxon): path for taxon, path in config["gene_tables"].items()}
    return tables.get(str(record_of(wildcards)["taxon"]), [])


def name_files_of(wildcards):
    """Reference tables through which the names of the study's features get identifiers; none where none is needed."""
    return name_files(record_of(wildcards), config["references"])


def recount_of(wildcards):
    """The recount of a study's deposited statistics; nothing where there are none."""
    return collect(
        "results/{study}/intake/recount.tsv",
        study=wildcards.study if wildcards.study in STATISTICS else [],
    )


def reversal_tables_of(wildcards):
    """One table a reversal pair of the study; none where it has no pair."""
    return collect(
        "results/{study}/reversal/{pair}.tsv",
        study=wildcards.study,
        pair=study_of(wildcards).pairs,
    )


def reversal_results_of(wildcards):
    """Tables and summaries of the reversal pairs of the study."""
    return collect(
        "results/{study}/reversal/{pair}.{suffix}",
        study=wildcards.study,
        pair=study_of(wildcards).pairs,
        suffix=["tsv", "json"],
    )


def recovery_results_of(wildcards):
    """What was found of the planted truth; nothing where the truth is not known."""
    return collect(
        "results/{study}/recovery/recovery.{suffix}",
        study=wildcards.study,
        suffix=["tsv", "json"] if study_of(wildcards).simulated else [],
    )


def deposit_of(wildcards):
    """The row of files.tsv of one file."""
    return DEPOSITS[wildcards.study][wildcards.file].row()


def hash_of(wildcards):
    """What a fetched file must hash to: deposited, recorded, or verified by the deposited MD5."""
    return binding_sha256(
        DEPOSITS[wildcards.study][wildcards.file],
        f"results/{wildcards.study}/acquire/{wildcards.file}",
        Ledger(config["acquire"]["ledger"], wildcards.study),
    )


def acquired_files_of(wildcards):
    """The files that files.tsv of the study names, in its order; none where it has none."""
    return collect(
        "results/{study}/acquire/{file}",
        study=wildcards.study,
        file=list(DEPOSITS.get(wildcards.study, {})),
    )


def reads_of(wildcards):
    """The FASTQ files of the study; of a simulated one the folder that holds them."""
    if wildcards.study in SIMULATED_READS:
        return [f"results/{wildcards.study}/simulate/reads"]
    return [
        path for paths in study_of(wildcards).reads_files.values() for path in paths
    ]


def simulated_reference_of(wildcards):
    """The reference that a simulated study brings along."""
    return collect(
        "results/{study}/simulate/reference",
        study=wildcards.study if wildcards.study in SIMULATED_READS else [],
    )


def given_reference(name):
    """A configured reference, for studies that do not bring their own."""

    def reference(wildcards):
        simulated = wildcards.study in SIMULATED_READS
        return [] if simulated else config["references"][name] or []

    return reference


def reads_stage_of(wildcards):
    """The stage that counts the study's reads."""
    return "rnaseq" if wildcards.study in MRNA_READS else "smallrna"


def quality_of(wildcards):
    """The verdicts on the samples' reads; nothing where the study begins with counts."""
    return collect(
        "results/{study}/{stage}/qc.tsv",
        study=wildcards.study if wildcards.study in FROM_READS else [],
        stage=reads_stage_of(wildcards),
    )


def keep_rejected_of(wildcards):
    """Samples that are used although their reads are rejected."""
    return config[reads_stage_of(wildcards)]["keep_rejected"]


def lengths_of(wildcards):
    """Gene lengths for the model; nothing where the counts have none, or where they must not be corrected for."""
    offsets = config["rnaseq"]["length_offsets"] and wildcards.study in MRNA_READS
    return f"results/{wildcards.study}/intake/lengths.parquet" if offsets else []


def reads_results_of(wildcards):
    """What the report says of the reads; nothing where the study begins with counts."""
    small = wildcards.study in SMALL_RNA
    beside = ["classes.tsv", "smallrna.json"] if small else ["rnaseq.json"]
    return collect(
        "results/{study}/{stage}/{name}",
        study=wildcards.study if wildcards.study in FROM_READS else [],
        stage=reads_stage_of(wildcards),
        name=["qc.tsv", *beside],
    )


def begins_with_simulated_reads(wildcards):
    """Whether the study's reads, and the reference to count them by, are simulated."""
    return wildcards.study in SIMULATED_READS


def files_read(wildcards):
    """What people wrote or deposited, and the run read; what the workflow itself brings along is in the crate's copy."""
    studies = list(CATALOGUE.studies.values())
    found = {file for study in studies for file in study.record_files}
    found.update(file for study in studies for file in study.counts_files)
    found.update(file for study in studies for file in study.cells_files)
    for study in studies:
        found.update(file for files in study.reads_files.values() for file in files)
        found.update(f"{study.folder}/{name}" for name in study_tables(study.folder))
        taxon = str(study.record["taxon"])
        tables = {str(key): path for key, path in config["gene_tables"].items()}
        found.update([tables[taxon]] if taxon in tables else [])
        found.update(name_files(study.record, config["references"]).values())
    given = config["references"]
    if set(SMALL_RNA) - set(SIMULATED_READS):
        found.update([given["mirbase_mature"], *given["mirbase_hairpins"]])
        found.add(given["other_rna"])
    for name in MRNA_READS:
        named = transcriptome(CATALOGUE.studies[name].record["taxon"])
        found.update([*named["fasta"], named.get("genes"), *named.get("decoys", [])])
    found.update([TARGETS["table"]] if TARGET_LINKS else [])
    # Fetched files lie in the results and are inputs all the same; what rules make there is no input.
    made = re.compile(r"results/(?![^/]+/acquire/)")
    return sorted(file for file in found if file and not made.match(str(file)))


def study_tables(folder):
    """The tables of a study folder."""
    return sorted(name for name in os.listdir(folder) if name.endswith(".tsv"))


def patterns_of_outputs():
    """Rule to what it can make, as regular expressions."""
    outputs = {
        maker.name: [output.regex().pattern for output in maker.output]
        for maker in workflow.rules
    }
    return {
        name: kept
        for name, patterns in outputs.items()
        if (kept := [text for text in patterns if text.startswith("results/")])
    }


def show_summary():
    """Print what the run found, where it wrote it."""
    path = "results/provenance/summary.txt"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as summary:
            print(f"\n{summary.read()}\nThe report: results/report/index.html")


def transcriptome(taxon):
    """The transcripts of a species (NCBI taxon) that the configuration names."""
    named = {str(k): v for k, v in config["references"]["transcriptome"].items()}
    return named[str(taxon)]


def transcriptome_of(wildcards):
    """What the configuration names for a species: fasta, and genes where there is a table."""
    taxon = getattr(wildcards, "taxon", None) or record_of(wildcards)["taxon"]
    return transcriptome(taxon)


def transcript_files_of(wildcards):
    """The FASTA files of the transcripts."""
    return transcriptome_of(wildcards)["fasta"]


def transcript_genes_of(wildcards):
    """The table of the transcripts' genes; nothing where the headers name them."""
    return transcriptome_of(wildcards).get("genes") or []


def transcript_decoys_of(wildcards):
    """The genome that takes the reads which are of no transcript; nothing where the configuration names none."""
    return transcriptome_of(wildcards).get("decoys") or []


def index_of(wildcards):
    """The index of the transcripts of the study's species."""
    return f"results/transcriptomes/{record_of(wildcards)['taxon']}"


def engine_version(wildcards):
    """The version of the program that indexes, so that another one builds the index anew."""
    return version_if_any(config["rnaseq"]["engine"])


def reads_of_sample(wildcards):
    """The FASTQ files of one sample."""
    return study_of(wildcards).reads_files[wildcards.sample]


def counted_samples_of(suffix):
    """What the job of every sample writes, in the order of the sheet."""

    def files(wildcards):
        return collect(
            f"results/{wildcards.study}/rnaseq/samples/{{sample}}.{suffix}",
            sample=list(study_of(wildcards).reads_files),
        )

    return files


def multiqc_sources(wildcards):
    """What the stages that count reads leave for MultiQC."""
    return [
        *collect("results/{study}/smallrna/smallrna_mqc.json", study=SMALL_RNA),
        *collect("results/{study}/rnaseq/multiqc", study=MRNA_READS),
    ]

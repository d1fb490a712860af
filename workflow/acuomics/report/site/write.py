"""Write the whole site of a run: the one call that the rule ``write_report`` makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from acuomics.claims.vocabulary import NOT_TESTED
from acuomics.files import read_json, write_text
from acuomics.mechanisms.curated import CuratedSet, load_set
from acuomics.report.claims import MEANING as CLAIM_MEANING
from acuomics.report.mechanism_map import draw_map, read_map_tables
from acuomics.report.site.assets import CHART_SCRIPTS, LICENCES, SCRIPTS, write_assets
from acuomics.report.site.catalogue import STATUS_MEANING, describe_catalogue
from acuomics.report.site.language import Language, read_language
from acuomics.report.site.levels import Found, describe_levels, read_translations
from acuomics.report.site.provenance import configuration, file_table, versions_of
from acuomics.report.site.render import depth, make_environment
from acuomics.report.site.replication import describe_replication
from acuomics.report.site.safe import anchor
from acuomics.report.site.studies import (
    complete,
    with_charts,
    with_family,
    with_figures,
    with_published,
    with_verdicts,
)
from acuomics.report.site.synthesis import describe_synthesis
from acuomics.report.site.xlsx import write_xlsx
from acuomics.report.verdicts import MEANING, read_verdicts

# There even when nothing is in them: the rule names them as its outputs.
FOLDERS = ("studies", "levels", "assets", "figures", "data", "tables")
CLASS_MEANING = {
    "full": "reversed; the interval of the restored share holds 1, and the feature is shown to be back at control",
    "partial": "reversed; the interval of the restored share is below 1",
    "overcorrected": "reversed; the interval of the restored share is above 1",
    "aggravated": "treatment moved it further the same way",
    "none_supported": "the model changed it clearly, and treatment is shown to have moved it little",
    "inconclusive": "none of these is shown; the table says why",
}


@dataclass(frozen=True)
class SiteFiles:
    """Where the content of a site comes from; what is not given is said to be missing on the page.

    Attributes
    ----------
    descriptions : list of path
        ``results/<study>/report/study.json`` of each study, in the order of the pages. ``figures/`` and ``charts.json``
        beside it, and ``results/<study>/claims/verdicts.tsv``, are taken where they are there.
    verdicts, mechanism_verdicts, replication : path, optional
        ``results/mechanisms/{verdicts,mechanism_verdicts}.tsv``, ``results/synthesis/replication.tsv``; the other files
        of the synthesis are taken from beside it.
    mechanisms : path, optional
        The folder of the curated set.
    catalogue : mapping of str to path
        ``studies``, ``claims``, ``reporting``: tables of the published studies.
    """

    descriptions: Sequence[str | Path]
    verdicts: str | Path | None = None
    mechanism_verdicts: str | Path | None = None
    replication: str | Path | None = None
    mechanisms: str | Path | None = None
    catalogue: Mapping[str, str | Path] = field(default_factory=dict)


def write_site(
    files: SiteFiles, templates: str | Path, settings: Mapping[str, Any], config: Mapping[str, Any], index: str | Path
) -> None:
    """Write the site.

    Parameters
    ----------
    files : SiteFiles
    templates : path
        Folder with ``pages/``, ``assets/`` and ``strings.tsv``.
    settings : mapping
        ``de``, ``reversal`` and ``seed`` of the configuration.
    config : mapping
        The whole configuration, for the page of provenance.
    index : path
        ``results/report/index.html``; everything else goes beside it, except the library of charts
        (`acuomics.report.site.assets.write_vega`).
    """
    templates, index = Path(templates), Path(index)
    root, results = index.parent, index.parent.parent
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    language = read_language(templates / "strings.tsv")
    verdicts, by_mechanism = read_verdicts(files.verdicts), read_verdicts(files.mechanism_verdicts)
    studies = gather_studies(files, verdicts, by_mechanism, root)
    curated = load_set(files.mechanisms) if files.mechanisms is not None else None
    levels = _levels(files, curated, verdicts, studies, float(settings["de"]["q"]))
    catalogue = describe_catalogue(files.catalogue, [str(study["study"]) for study in studies])
    replication = None if files.replication is None else describe_replication(files.replication)
    folder = None if files.replication is None else Path(files.replication).parent
    synthesis = describe_synthesis(folder, root, float(settings["de"]["q"]))
    tables = [table for holder in (*studies, *levels, catalogue, synthesis) for table in holder["tables"].values()]
    write_workbooks([*tables, *([replication] if replication else [])], results, root)
    paths = [str(table["path"]) for table in tables]
    shared = {"studies": studies, "levels": levels, "settings": settings, "meaning": MEANING}
    site = Site(make_environment(templates / "pages", language), root, shared)
    site.write("index.html", map=_map(curated, verdicts, studies, templates, language), replication=replication,
               n_simulated=sum(study["simulated"] for study in studies))  # fmt: skip
    for study in studies:
        site.write(f"studies/{anchor(study['study'])}.html", "study.html.j2", s=study, all_simulated=study["simulated"],
                   charted=bool(study["charts"]["charts"]))  # fmt: skip
    for level in levels:
        page = f"levels/{anchor(level['level'])}.html"
        site.write(page, "level.html.j2", level=level, with_verdicts=verdicts is not None)
    site.write("synthesis.html", synthesis=synthesis, replication=replication,
               charted=bool(synthesis["charts"]["charts"]))  # fmt: skip
    site.write("catalogue.html", catalogue=catalogue, status_meaning=STATUS_MEANING)
    site.write("methods.html", glossary=glossary(),
               references=sorted({text for study in studies for text in study["references"]}))  # fmt: skip
    text, sha256 = configuration(config)
    site.write(
        "provenance.html",
        versions=versions_of(studies),
        set_version=curated.version if curated else None,
        set_hashes=curated.hashes if curated else {},
        used_sets=list(dict.fromkeys(filter(None, (study["mechanisms"].get("set_hash") for study in studies)))),
        configuration=text,
        configuration_sha256=sha256,
        tables=file_table([*paths, *([replication["path"]] if replication else [])], results),
        licences=LICENCES,
    )
    write_assets(templates, root, language)


@dataclass(frozen=True)
class Site:
    """Writes pages from templates."""

    environment: Any
    root: Path
    shared: Mapping[str, Any]

    def write(self, page: str, template: str = "", *, charted: bool = False, **content: Any) -> None:
        """Write `page` (from ``<page>.j2`` if no template is named); `charted`: with the scripts of charts."""
        studies = self.shared["studies"]
        given = {
            "up": depth(page),
            "here": page.removesuffix(".html"),
            "scripts": [*SCRIPTS, *(CHART_SCRIPTS if charted else ())],
            "all_simulated": bool(studies) and all(study["simulated"] for study in studies),
            **self.shared,
            **content,
        }
        text = self.environment.get_template(template or f"{page}.j2").render(given)
        write_text(text, self.root / page)


def gather_studies(
    files: SiteFiles, verdicts: pd.DataFrame | None, by_mechanism: pd.DataFrame | None, root: Path
) -> list[dict[str, Any]]:
    """Read the descriptions of all studies with all that belongs to their pages, and copy their figures to `root`."""
    gathered = []
    for path in map(Path, files.descriptions):
        study, beside = complete(read_json(path)), path.parent
        if study["counted"]:
            study = with_verdicts(study, verdicts, by_mechanism)
        study = with_charts(with_figures(study, beside / "figures", root), beside / "charts.json", root, verdicts)
        gathered.append(with_published(study, beside.parent / "claims" / "verdicts.tsv"))
    return with_family(gathered)


def _levels(
    files: SiteFiles,
    curated: CuratedSet | None,
    verdicts: pd.DataFrame | None,
    studies: Sequence[Mapping[str, Any]],
    q: float,
) -> list[dict[str, Any]]:
    if curated is None or files.mechanisms is None:
        return []
    found = Found(verdicts, {str(study["study"]): str(study.get("level") or "") for study in studies})
    return describe_levels(curated, found, read_translations(Path(files.mechanisms) / "translations.tsv"), q)


def _map(
    curated: CuratedSet | None,
    verdicts: pd.DataFrame | None,
    studies: Sequence[Mapping[str, Any]],
    templates: Path,
    language: Language,
) -> str:
    """The map of mechanisms as markup; empty without the curated set."""
    if curated is None:
        return ""
    # A study of which there is no verdict must not stand for its level.
    judged = set() if verdicts is None else set(verdicts["study"])
    studies = [study for study in studies if study["study"] in judged]
    # draw_map escapes every text.
    return Markup(  # nosec B704
        draw_map(
            curated,
            verdicts,
            {str(study["study"]): str(study.get("level") or "") for study in studies},
            read_map_tables(templates / "map"),
            lambda level, mechanism: f"levels/{anchor(level)}.html" + (f"#{anchor(mechanism)}" if mechanism else ""),
            [str(study["study"]) for study in studies if study["simulated"]],
            language.by_english,
        )
    )


def write_workbooks(tables: Sequence[dict[str, Any]], results: Path, root: Path) -> None:
    """Write a workbook for each file that tables stand for, and tell the tables its address (``workbook``)."""
    written: dict[str, str | None] = {}
    for table in tables:
        path = str(table["path"])
        if path not in written:
            source = results / path.removeprefix("results/")
            address = f"tables/{path.removeprefix('results/').removesuffix('.tsv')}.xlsx"
            written[path] = address if path and source.is_file() else None
            if written[path]:
                write_xlsx(source, root / address, source.stem)
        table["workbook"] = written[path]


def glossary() -> list[dict[str, Any]]:
    """The closed vocabularies with their meanings, for the page of methods."""
    published = [*CLAIM_MEANING.items(), *((f"not tested: {word}", why) for word, why in NOT_TESTED.items())]
    return [
        {"id": "words-mechanisms", "title": "methods.words_mechanisms", "words": list(MEANING.items())},
        {"id": "words-claims", "title": "methods.words_claims", "words": published},
        {"id": "words-classes", "title": "methods.words_classes", "words": list(CLASS_MEANING.items())},
    ]

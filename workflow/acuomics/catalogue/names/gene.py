"""From a gene symbol, of today or of old, to NCBI Gene."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from acuomics.catalogue.names.gene_table import PLACE_HOLDER, GeneNames
from acuomics.catalogue.names.resolution import Candidate, Resolution
from acuomics.catalogue.names.slips import KINDS, fold, narrowest, slips
from acuomics.inputs.dates import MONTHS, read_date
from acuomics.inputs.words import some

# What gene symbols of the months' forms begin with: MARCH1, MARC1, MAR1 all become a day of March.
_STEMS = {3: ("mar", "marc", "march"), 6: ("jun", "june"), 7: ("jul", "july"), 9: ("sep", "sept")}


def resolve_gene(symbol: str, taxon: int, genes: Mapping[int, GeneNames], *, suggest: bool = True) -> Resolution:
    """Resolve one gene symbol in one species.

    Parameters
    ----------
    symbol : str
        As printed.
    taxon : int
        NCBI taxon of the species.
    genes : mapping
        Taxon to `GeneNames`; species other than `taxon` serve to tell their names, and to doubt synonyms.
    suggest : bool
        Whether to look for slips when the symbol is not resolved.

    Returns
    -------
    Resolution
        In this order: ``current`` (an approved symbol, whatever else it may be a synonym of), ``excel_date``,
        ``unresolved`` for a word that names no one gene, ``synonym`` or ``ambiguous``, ``renamed`` (``LOC`` and a Gene
        id), ``other_species``, ``unresolved``. A synonym that differs by letter case only from that of another gene,
        or that stands for a gene of another name in another species of `genes`, is ambiguous.
    """
    asked = symbol.strip()
    own = genes.get(taxon)
    if own is None:
        return Resolution(symbol, "unresolved", reason=f"no table has the genes of taxon {taxon}")
    if asked in own.approved:
        return _approved(symbol, asked, own)
    if dates := read_date(asked, day_numbers=True):
        return _date(symbol, dates, own)
    if asked in own.words:
        kind, note = own.words[asked]
        return Resolution(symbol, "unresolved", reason=f"{kind}: {note}" if note else kind)
    others = [table for key, table in sorted(genes.items()) if key != taxon]
    if asked in own.synonyms or asked in own.unlisted:
        return _synonym(symbol, asked, own, others)
    if (match := PLACE_HOLDER.fullmatch(asked)) and match[1] in own.by_id:
        today = own.by_id[match[1]]
        return Resolution(symbol, "renamed", match[1], today, reason=f"{asked} is the place-holder of Gene {match[1]}")
    status, reason = "unresolved", f"neither a symbol nor a synonym in {own.species}"
    if elsewhere := [table.species for table in others if asked in table.approved]:
        status, reason = "other_species", f"{reason}; a symbol of {some(elsewhere)}"
    found = Resolution(symbol, status, reason=reason)
    return _with_slips(found, asked, own, others) if suggest else found


def _approved(symbol: str, asked: str, own: GeneNames) -> Resolution:
    found = own.approved[asked]
    if len(found) > 1:
        reason = f"the table has {len(found)} Gene ids for this symbol"
        return Resolution(symbol, "ambiguous", candidates=found, reason=reason)
    reason = "an approved symbol"
    if also := sorted({gene.name for gene in own.synonyms.get(asked, ())} - {asked}):
        reason += f"; also a synonym of {some(also)}, and the approved symbol comes first"
    if found[0].id is None:
        reason += "; the gene table has no Gene id for it"
    return Resolution(symbol, "current", found[0].id, asked, reason=reason)


def _date(symbol: str, dates: Collection[tuple[int, int]], own: GeneNames) -> Resolution:
    """Say which symbols a spreadsheet makes this date of; with exactly one gene it is suggested."""
    found: dict[Candidate, set[str]] = {}
    for month, number in dates:
        for stem in _STEMS.get(month, (MONTHS[month - 1],)):
            for typed in (f"{stem}{number}", f"{stem}-{number}"):
                for gene in own.bearing(typed):
                    found.setdefault(gene, set()).add(typed.upper())
    candidates = tuple(sorted(found, key=lambda gene: (gene.name, gene.id or "")))
    said = [f"{gene.name} as {some(sorted(found[gene]))}" for gene in candidates]
    what = "a spreadsheet's day number, or an identifier" if symbol.strip().isdigit() else "a spreadsheet's date"
    reason = f"{what}; in {own.species} it may have been {'; or '.join(said) or 'no known symbol'}"
    only = candidates[0].name if len({gene.name for gene in candidates}) == 1 else None
    return Resolution(symbol, "excel_date", candidates=candidates, reason=reason, suggestion=only)


def _synonym(symbol: str, asked: str, own: GeneNames, others: Collection[GeneNames]) -> Resolution:
    listed = own.synonyms.get(asked, ())
    ids = own.unlisted.get(asked, ())
    found = {gene for gene in own.bearing(asked) if gene.name != asked}
    names = sorted({gene.name for gene in found})
    if not listed:
        # Only the gene table has it: a symbol of its release.
        if len(ids) == 1 and not found:
            reason = "a symbol of the gene table, which the table of symbols does not list"
            return Resolution(symbol, "current", ids[0], asked, reason=reason)
        candidates = tuple(sorted({*found, *(Candidate(asked, number) for number in ids)}, key=str))
        return Resolution(symbol, "ambiguous", candidates=candidates, reason="the gene table and the symbols differ")
    if len(names) > 1:
        reason = f"a synonym of {len(names)} genes, letter case aside: {some(names, 6)}"
        return Resolution(symbol, "ambiguous", candidates=tuple(sorted(found, key=str)), reason=reason)
    known = sorted({gene.id for gene in found if gene.id} | set(ids))
    if len(known) > 1:
        candidates = tuple(Candidate(names[0], number) for number in known)
        reason = f"a synonym of {names[0]}, for which the tables have {len(known)} Gene ids"
        return Resolution(symbol, "ambiguous", candidates=candidates, reason=reason)
    # Where the gene table itself has the name with its id, other species have no say.
    if not ids and (doubts := _doubts(asked, names[0], others)):
        reason = f"a synonym of {names[0]}, but it also stands for {doubts}"
        return Resolution(symbol, "ambiguous", candidates=tuple(sorted(found, key=str)), reason=reason)
    reason = f"a synonym of {names[0]}" + ("" if known else "; the gene table has no Gene id for it")
    return Resolution(symbol, "synonym", known[0] if known else None, names[0], reason=reason)


def _doubts(asked: str, name: str, others: Collection[GeneNames]) -> str:
    """Say which genes of another name than `name` other species call so; empty when there are none."""
    strangers = {
        table.species: sorted({gene.name for gene in table.bearing(asked) if fold(gene.name) != fold(name)})
        for table in others
    }
    return "; ".join(f"{', '.join(found)} in {species}" for species, found in strangers.items() if found)


def _with_slips(found: Resolution, asked: str, own: GeneNames, others: Collection[GeneNames]) -> Resolution:
    """Add the symbols that a slip may have turned into the name, and the synonyms that differ by letter case."""
    near = slips(asked, own.folded)
    if near and near[0].kind < 2:
        near = [slip for slip in near if slip.kind == near[0].kind]
    if not near or near[0].kind > 0:
        cased = {gene for other in own.folded_synonyms.get(fold(asked), ()) for gene in own.synonyms[other]}
        if cased:
            names = sorted({gene.name for gene in cased})
            reason = f"{found.reason}; written otherwise, a synonym of {some(names, 6)}"
            doubts = _doubts(asked, names[0], others) if len(names) == 1 else ""
            if doubts:
                reason += f", but it also stands for {doubts}"
            only = names[0] if len(names) == 1 and not doubts else None
            return replace(found, candidates=tuple(sorted(cased, key=str)), reason=reason, suggestion=only)
    if not near:
        return found
    candidates = tuple(gene for slip in near for gene in own.approved[slip.name])
    best, names = narrowest(near), [slip.name for slip in near]
    if best is None:
        reason = f"{found.reason}; too many symbols are near for a suggestion ({some(names)})"
        return replace(found, candidates=candidates, reason=reason)
    more = f" (one slip away too: {some(names[1:])})" if names[1:] else ""
    reason = f"{found.reason}; {best.name} is near: {KINDS[best.kind]}{more}"
    return replace(found, candidates=candidates, reason=reason, suggestion=best.name)

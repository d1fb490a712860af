"""From the name of a mature miRNA, of any release, to its miRBase accession (MIMAT)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from acuomics.catalogue.names.mirna_table import MirnaNames, stem_of
from acuomics.catalogue.names.resolution import Candidate, Resolution
from acuomics.catalogue.names.slips import KINDS, fold, kind_of, narrowest, slips
from acuomics.inputs.words import some

_COPY = re.compile(r"-\d+$")
_FAMILIES = ("mir", "let", "lin", "lsy", "bantam", "iab")


def resolve_mirna(name: str, taxon: int, names: MirnaNames, *, suggest: bool = True) -> Resolution:
    """Resolve one miRNA name in one species.

    Parameters
    ----------
    name : str
        As printed, with or without the prefix of the species; an accession will do.
    taxon : int
        NCBI taxon of the species.
    names : MirnaNames
        What became of every name.
    suggest : bool
        Whether to look for slips when the name is not resolved.

    Returns
    -------
    Resolution
        ``current``: today's name. ``renamed``: a name that exactly one entry has ever borne. ``ambiguous``: several
        entries have borne it, or it names no arm, or a family. ``dead``: the entry was withdrawn.
        ``other_species``: its prefix is another species', or only other species have the name. Else ``unresolved``.
        Letter case, exchanged characters and prefixes that no species has are slips: never mended, only suggested.
    """
    asked = name.strip()
    prefix = names.prefix_of(taxon)
    if prefix is None or prefix not in names.prefixes:
        return Resolution(name, "unresolved", reason=f"the tables have no miRNA of the species (taxon {taxon})")
    if asked in names.name_of or asked in names.dead:
        return _by_accession(name, asked, prefix, names)
    given, body = _split(asked, names)
    full = f"{prefix}-{body}"
    found = _by_history(name, full, names) or (_by_stem(name, full, names) if given in ("", prefix) else None)
    if given == prefix:
        if found is not None:
            return found
    elif not given:
        if found is not None:
            note = f"read as {full}, since the species is {names.called(prefix)}"
            return replace(found, reason=f"{found.reason}; {note}")
    elif given in names.prefixes:
        return _of_another(name, given, found, prefix, names)
    else:
        return _wrong_prefix(name, given, found, prefix, names)
    return _unknown(name, body, prefix, names, suggest)


def _split(name: str, names: MirnaNames) -> tuple[str, str]:
    """Part a name into the prefix of the species (may be empty) and the rest."""
    head, _, rest = name.partition("-")
    if rest and (head in names.prefixes or rest.lower().startswith(_FAMILIES)):
        return head, rest
    return "", name


def _by_accession(name: str, accession: str, prefix: str, names: MirnaNames) -> Resolution:
    if accession in names.dead:
        return _dead(name, [accession], names)
    today = names.name_of[accession]
    if not today.startswith(f"{prefix}-"):
        other = names.called(today.partition("-")[0])
        reason = f"the accession of {today}, of {other}"
        return Resolution(name, "other_species", candidates=(Candidate(today, accession),), reason=reason)
    return Resolution(name, "current", accession, today, reason="an accession of miRBase")


def _dead(name: str, accessions: Iterable[str], names: MirnaNames) -> Resolution:
    candidates = tuple(sorted(Candidate(names.dead[a][0], a) for a in accessions))
    said = [f"{c.id} was withdrawn{_after(names.dead[c.id or ''][1])}" for c in candidates]
    return Resolution(name, "dead", candidates=candidates, reason="; ".join(said))


def _after(release: str) -> str:
    return f" after {release}" if release else ""


def _by_history(name: str, full: str, names: MirnaNames) -> Resolution | None:
    """Ask the history for exactly this name; None when no release has it."""
    bearers = names.borne.get(full)
    if not bearers:
        return None
    if full in names.today:
        accession = names.today[full]
        others = [f"{names.name_of.get(a, 'withdrawn')}, {a}" for a in sorted(bearers) if a != accession]
        note = f"; in earlier releases the name was that of another entry ({some(others)})" if others else ""
        return Resolution(name, "current", accession, full, reason=f"today's name of {accession}{note}")
    alive = [a for a in sorted(bearers) if a in names.name_of]
    gone = [a for a in sorted(bearers) if a not in names.name_of]
    if not alive:
        return _dead(name, gone, names)
    candidates = tuple(sorted(Candidate(names.name_of[a], a) for a in alive))
    if len(bearers) > 1:
        said = [f"{c} {_until(bearers[c.id or ''])}" for c in candidates]
        said += [f"{a}, since withdrawn, {_until(bearers[a])}" for a in gone]
        reason = f"{len(bearers)} entries have borne this name: {'; '.join(said)}"
        return Resolution(name, "ambiguous", candidates=candidates, reason=reason)
    (accession,) = alive
    today = names.name_of[accession]
    reason = f"{today} was called {full} {_until(bearers[accession])}"
    arms = [other for other in names.arms.get(full, ()) if other != today]
    if arms:
        reason += f"; a name without an arm may be used loosely for {some(arms)} too"
    return Resolution(name, "renamed", accession, today, reason=reason)


def _until(release: str) -> str:
    return f"until {release}" if release else "in an earlier release"


def _by_stem(name: str, full: str, names: MirnaNames) -> Resolution | None:
    """Look for the arms of a name that has none, and for the members of a family; None when there are none."""
    arms = names.arms.get(full, [])
    if len(arms) == 1:
        reason = f"no release has the name; of its hairpin miRBase has one product, {arms[0]}"
        return Resolution(name, "unresolved", candidates=_candidates(arms, names), reason=reason, suggestion=arms[0])
    if arms:
        reason = f"the name says no arm, and no release had it: {some(arms)}"
        return Resolution(name, "ambiguous", candidates=_candidates(arms, names), reason=reason)
    if members := names.members.get(full):
        reason = f"the name of a family, no release had it: {some(members)}"
        return Resolution(name, "ambiguous", candidates=_candidates(members, names), reason=reason)
    return None


def _candidates(found: Iterable[str], names: MirnaNames) -> tuple[Candidate, ...]:
    return tuple(Candidate(name, names.today[name]) for name in found)


def _of_another(name: str, given: str, found: Resolution | None, prefix: str, names: MirnaNames) -> Resolution:
    """Report a name whose prefix is another species'."""
    reason = f"{given} stands for {names.called(given)}, and the species is {names.called(prefix)}"
    if found is None:
        return Resolution(name, "other_species", reason=f"{reason}, which has no miRNA of this name")
    own = found.candidates or (Candidate(found.current_name or "", found.id),)
    return Resolution(name, "other_species", candidates=own, reason=reason, suggestion=found.current_name)


def _wrong_prefix(name: str, given: str, found: Resolution | None, prefix: str, names: MirnaNames) -> Resolution:
    """Report a name whose prefix is no species'."""
    kind = kind_of(fold(given), prefix)
    slip = f"; {prefix} is near: {KINDS[kind]}" if kind is not None else ""
    reason = f"{given} is no species of miRBase{slip}"
    if found is None or kind is None:
        return Resolution(name, "unresolved", reason=reason)
    own = found.candidates or (Candidate(found.current_name or "", found.id),)
    return Resolution(name, "unresolved", candidates=own, reason=reason, suggestion=found.current_name)


def _unknown(name: str, body: str, prefix: str, names: MirnaNames, suggest: bool) -> Resolution:
    """Say where a name exists that the species never had, and which of its names a slip may have turned into it."""
    species = names.called(prefix)
    hairpin = names.hairpins.get(f"{prefix}-{body}")
    status, reason = "unresolved", f"no release has this name in {species}"
    if hairpin:
        reason = f"the name of a hairpin ({hairpin}), not of a mature miRNA"
    exact, stems = names.elsewhere
    others = exact.get(body, set())
    if not others and prefix not in (kin := stems.get(stem_of(body), set())):
        others = kin
    if others:
        status, reason = "other_species", f"{reason}; {_where(others, names)}"
    arms = names.arms.get(stem_of(f"{prefix}-{body}"), [])
    if arms:
        reason += f"; of this hairpin {species} has {some(arms)}"
    if not suggest:
        return Resolution(name, status, reason=reason)
    if hairpin:
        # Its products, whatever the letter case (rno-mir-223); which arm is meant, nobody can tell.
        known = names.folded(prefix, arms=False)
        products = {name for form in {body, _COPY.sub("", body)} for name in known.get(fold(form), ())}
        return Resolution(name, status, candidates=_candidates(sorted(products), names), reason=reason)
    return _with_slips(Resolution(name, status, reason=reason), body, prefix, names)


def _with_slips(found: Resolution, body: str, prefix: str, names: MirnaNames) -> Resolution:
    """Add the names of the species that a slip may have turned into `body`."""
    # A name without an arm is compared without the arm. Another arm of the same hairpin is no slip.
    near = [
        slip
        for slip in slips(body, names.folded(prefix, arms=stem_of(body) != body))
        if slip.kind < 2 or fold(stem_of(slip.name.partition("-")[2])) != fold(stem_of(body))
    ]
    if not near:
        return found
    if near[0].kind < 2:
        near = [slip for slip in near if slip.kind == near[0].kind]
    candidates = _candidates([slip.name for slip in near], names)
    best, others = narrowest(near), [slip.name for slip in near]
    if best is None:
        reason = f"{found.reason}; too many names are near for a suggestion ({some(others)})"
        return replace(found, candidates=candidates, reason=reason)
    more = f" (one slip away too: {some(others[1:])})" if others[1:] else ""
    reason = f"{found.reason}; {best.name} is near: {KINDS[best.kind]}{more}"
    return replace(found, candidates=candidates, reason=reason, suggestion=best.name)


def _where(prefixes: set[str], names: MirnaNames) -> str:
    """Say which species have a name: by group where the groups are known."""
    groups = sorted({names.groups[prefix] for prefix in prefixes if prefix in names.groups})
    species = [names.called(prefix) for prefix in sorted(prefixes)]
    if len(groups) == 1 and all(prefix in names.groups for prefix in prefixes):
        return f"only {groups[0]} have it ({some(species)})"
    if groups:
        return f"other species have it, among {some(groups, 6)} ({some(species)})"
    return f"other species have it ({some(species)})"

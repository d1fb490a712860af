"""The lengths and rules by which inserts are matched, shared and judged; every figure has its reason here."""

from __future__ import annotations

from dataclasses import dataclass

#: How the reads of an insert that fits several miRNAs are shared.
SHARING = ("equal", "em")
#: The seed of a miRNA, positions 2-8 from its 5' end; no substitution is forgiven there.
SEED_FIRST, SEED_LAST = 2, 8


@dataclass(frozen=True)
class MatchSettings:
    """Which inserts a mature miRNA explains.

    Parameters
    ----------
    shift_5p, shift_3p : int
        How many nt a templated isomiR may begin or end before or after the mature (at most 3 and 5). Dicer and Drosha
        cut the 5' end more precisely than the 3' end.
    additions : int
        Longest tail of bases that the hairpin does not have (any of A, C, G, U).
    shortest : int
        Fewest bases that must agree with the hairpin.
    substitutions : bool
        Forgive one substitution outside the seed (METHODS: only when one miRNA is nearest).
    shortest_substituted : int
        Fewest hairpin bases of an insert with a substitution; a shorter one occurs by chance in other RNA.
    after_substitution : int
        Hairpin bases that must follow the substitution; nearer to the 3' end it is read as trimming and addition.
    """

    shift_5p: int = 2
    shift_3p: int = 3
    additions: int = 3
    shortest: int = 16
    substitutions: bool = True
    shortest_substituted: int = 18
    after_substitution: int = 2

    def __post_init__(self) -> None:
        bounds = {"shift_5p": (0, 3), "shift_3p": (0, 5), "additions": (0, 7), "shortest": (12, 31)}
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low} to {high}, not {getattr(self, name)}")


@dataclass(frozen=True)
class CountSettings:
    """How matched inserts become counts.

    Parameters
    ----------
    sharing : {"equal", "em"}
        An insert that fits several miRNAs equally well is divided equally, or by expectation-maximisation over what
        the other inserts say.
    correct_errors : bool
        Give back to an abundant miRNA the reads that its sequencing errors left under another one (see `errors`).
    unit : {"auto", "reads", "umis"}
        What is counted; ``auto`` is molecules when the kit has UMIs, else reads.
    other_mismatch_length : int
        From this length on one substitution is forgiven in the references of other RNA.
    shortest_foreign : int
        Shortest mature of another species that is looked for; shorter ones occur by chance.
    """

    sharing: str = "equal"
    correct_errors: bool = True
    unit: str = "auto"
    other_mismatch_length: int = 18
    shortest_foreign: int = 18

    def __post_init__(self) -> None:
        if self.sharing not in SHARING:
            raise ValueError(f"sharing must be one of {', '.join(SHARING)}, not {self.sharing!r}")
        if self.unit not in ("auto", "reads", "umis"):
            raise ValueError(f"unit must be auto, reads or umis, not {self.unit!r}")

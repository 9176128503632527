"""How words were sampled, and how closely they follow the model's distribution."""

from __future__ import annotations

from dataclasses import dataclass, field

from morelike.sampling.constraints.guided import ImportanceWeights


@dataclass
class SamplingReport:
    """How words were sampled.

    `method` is "plain", "rejected", "exact" or "resampled". `probability` is the probability that a word of the model
    satisfies the constraints; with "rejected" it is an estimate from the candidates, with "resampled" one from n-grams.
    Sampling made `tried` candidates and kept `kept`.
    """

    method: str = "plain"
    states: int = 0
    probability: float = 1.0
    tried: int = 0
    kept: int = 0
    importance: ImportanceWeights = field(default_factory=ImportanceWeights)

    @property
    def effective(self) -> float:
        """The effective sample size: an equal number of unweighted candidates has the same precision."""
        if self.method == "rejected":
            return float(self.kept)
        return self.importance.effective if self.method == "resampled" else float(self.tried)

    def sentence(self) -> str:
        """Return in a sentence how closely the words follow the model's distribution."""
        if self.method == "plain":
            return "exact: each character was drawn from the model's own distribution"
        one_in = 1 / max(self.probability, 1e-300)
        nearly_all = one_in < 1.5
        satisfies = f"one in {one_in:,.0f} of all words of the model satisfies the constraints"
        if nearly_all:
            satisfies = "nearly all words of the model satisfy the constraints"
        about = "" if nearly_all else "about "
        if self.method == "rejected":
            return (
                "exact: words were drawn from the model's own distribution, and words that break a constraint were "
                f"rejected: of {self.tried:,} candidates {self.kept:,} were kept; {about}{satisfies}"
            )
        if self.method == "exact":
            return (
                "exact: the words follow the model's own distribution under the constraints (an automaton of "
                f"{self.states:,} states); {satisfies}"
            )
        return (
            f"approximate: n-grams fitted to the model guided it through an automaton of {self.states:,} states, and "
            f"candidates were resampled by their importance weights: of {self.tried:,} candidates {self.kept:,} were "
            f"kept, and the effective sample size was {self.effective:,.0f}; {about}{satisfies}"
        )

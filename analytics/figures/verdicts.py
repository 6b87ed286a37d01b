"""The verdict on a net change: by the interval of an estimate, else by a stress test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from analytics.estimation import NoiseVerdict, Verdict
from analytics.figures.estimates import Basis

Outcome = Literal["increase", "decrease", "not_distinguishable", "stands_out", "in_map_noise"]
"""The first three are told by an interval. The others are those of the stress test, which tells no
direction: whether the net change is more than noise of the maps alone could make."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

VerdictBasis = Literal[Basis, "stress_test"]
VERDICT_BASES: tuple[VerdictBasis, ...] = (*get_args(Basis), "stress_test")


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """Whether a zone's net change is told from noise."""

    stress_test: NoiseVerdict
    """With independent errors, which those of the maps are not."""
    word: Verdict | None = None
    """What the interval of the net change says; None where there is no interval."""
    basis: VerdictBasis = "stress_test"
    """Where the interval comes from."""

    @property
    def outcome(self) -> Outcome:
        """The verdict in one word."""
        if self.word is not None:
            return self.word
        return "stands_out" if self.stress_test.distinguishable else "in_map_noise"

    @property
    def distinguishable(self) -> bool:
        """Whether something has changed: by the interval where there is one, else as far as the
        stress test can say."""
        return self.outcome not in {"not_distinguishable", "in_map_noise"}

    @property
    def estimated(self) -> bool:
        """Whether an interval stands behind it."""
        return self.word is not None

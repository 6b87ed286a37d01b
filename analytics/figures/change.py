"""Change: what two editions show of a zone, on the cells that both have observed.

Counts are integers of cells of 100 m². Every figure that follows from them is a property here, with
its unit in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics import indicators
from analytics.estimation import NUMBERS, NoiseVerdict, accuracy_of, noise_of_pair
from analytics.figures.estimates import AreaEstimate, Basis, Estimates
from analytics.figures.filtered import DEFAULT_PRESET, FilteredFlows
from analytics.figures.verdicts import ChangeVerdict
from analytics.products import stand_in
from analytics.records import Edition, Interval, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Cells of a zone observed in two editions.

    Where no cell is observed in both, ``status`` is ``not_observed`` and the figures are None.
    """

    earlier: Edition
    later: Edition
    observed: int = 0
    """Cells observed in both editions."""
    gain: int | None = None
    """Cells sealed in the later edition only."""
    loss: int | None = None
    """Cells sealed in the earlier edition only."""
    sealed_before: int | None = None
    gain_by_former_class: Mapping[int, int] = field(default_factory=dict)
    """Gain by the code in the earlier edition: 2..11."""
    loss_by_later_class: Mapping[int, int] = field(default_factory=dict)
    """Loss by the code in the later edition: 2..11."""
    matrix: tuple[tuple[int, ...], ...] = ()
    """11 rows by former class, 11 columns by later class; empty where nothing is observed, and
    where only the figures were asked for."""
    filtered: Mapping[str, FilteredFlows] = field(default_factory=dict)
    """By the name of a filter; empty where the pair of editions has not been filtered."""
    estimates: Estimates = field(default_factory=dict)
    """From a published reference sample of the pair; empty where there is none."""
    verdict: ChangeVerdict | None = field(init=False, compare=False)
    """Whether the net change is told from noise; None where nothing is observed in both."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self._verdict())

    def _verdict(self) -> ChangeVerdict | None:
        """By the interval of the net change; without one by the stress test alone."""
        stress_test = self._stress_test()
        if stress_test is None:
            return None
        net = self.estimates.get("net")
        if net is None or net.verdict is None:
            return ChangeVerdict(stress_test)
        return ChangeVerdict(stress_test, word=net.verdict, basis=net.basis)

    def _stress_test(self) -> NoiseVerdict | None:
        """The noise is that of the less accurate edition, at whichever of the two mapped shares
        makes more of it."""
        before, after, net = self.share_before, self.share_after, self.net
        if before is None or after is None or net is None:
            return None
        known = [accuracy_of(edition) for edition in (self.earlier, self.later)]
        # Of two editions that are equally bad the later year is named.
        worst, year = max(
            (noise_of_pair(before, after, accuracies=[accuracy], arithmetic=NUMBERS), year)
            for year, accuracy, _ in known
        )
        noise = worst * self.observed
        return NoiseVerdict(
            distinguishable=abs(net) > noise,
            noise=noise,
            accuracy_year=year,
            stand_in=any(borrowed for _, _, borrowed in known),
        )

    @property
    def net_estimate(self) -> AreaEstimate | None:
        """Of the net change."""
        return self.estimates.get("net")

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the true net change, in square metres; None where none is known."""
        return None if self.net_estimate is None else self.net_estimate.interval_m2

    @property
    def basis(self) -> Basis | None:
        """Where that interval comes from."""
        return (
            None if self.net_estimate is None or self.interval is None else self.net_estimate.basis
        )

    @property
    def method(self) -> str | None:
        """Name of the estimator of that interval."""
        found = self.net_estimate
        return None if found is None or self.interval is None else found.method

    @property
    def usual_filter(self) -> FilteredFlows | None:
        """What the filter that outputs show first leaves; None where the pair is not filtered."""
        return self.filtered.get(DEFAULT_PRESET)

    @property
    def status(self) -> Status:
        """Indicative, as every change of a zone, or not observed."""
        return "indicative" if self.observed else "not_observed"

    @property
    def sealed_after(self) -> int | None:
        """Cells sealed in the later edition, of those observed in both."""
        if self.sealed_before is None or self.net is None:
            return None
        return self.sealed_before + self.net

    @property
    def net(self) -> int | None:
        """Gain minus loss, in cells."""
        return None if self.gain is None or self.loss is None else self.gain - self.loss

    @property
    def across_origins(self) -> bool:
        """Whether the two editions are of different origin, such as official and modelled."""
        return self.earlier.origin != self.later.origin

    @property
    def years(self) -> float | None:
        """Years between the middles of the two observation windows; None where one is unknown."""
        return indicators.years_apart(self.earlier, self.later)

    @property
    def observed_m2(self) -> int:
        """Area observed in both editions."""
        return indicators.square_metres(self.observed)

    @property
    def observed_ha(self) -> float:
        """Area observed in both editions."""
        return indicators.hectares(self.observed)

    @property
    def share_before(self) -> float | None:
        """Sealed part of the area observed in both, 0..1, in the earlier edition."""
        return indicators.sealed_share(self.sealed_before, self.observed)

    @property
    def share_after(self) -> float | None:
        """Sealed part of the area observed in both, 0..1, in the later edition."""
        return indicators.sealed_share(self.sealed_after, self.observed)

    @property
    def gain_m2(self) -> int | None:
        """Newly sealed area."""
        return None if self.gain is None else indicators.square_metres(self.gain)

    @property
    def gain_ha(self) -> float | None:
        """Newly sealed area."""
        return None if self.gain is None else indicators.hectares(self.gain)

    @property
    def gain_m2_a_year(self) -> float | None:
        """Newly sealed area, a year."""
        return indicators.annualised(self.gain_m2, self.years)

    @property
    def gain_ha_a_year(self) -> float | None:
        """Newly sealed area, a year."""
        return indicators.annualised(self.gain_ha, self.years)

    @property
    def gain_points(self) -> float | None:
        """Newly sealed area, in percentage points of the area observed in both."""
        return indicators.share_change(0, self.gain, self.observed)

    @property
    def loss_m2(self) -> int | None:
        """Area that is no longer sealed."""
        return None if self.loss is None else indicators.square_metres(self.loss)

    @property
    def loss_ha(self) -> float | None:
        """Area that is no longer sealed."""
        return None if self.loss is None else indicators.hectares(self.loss)

    @property
    def loss_m2_a_year(self) -> float | None:
        """Area that is no longer sealed, a year."""
        return indicators.annualised(self.loss_m2, self.years)

    @property
    def loss_ha_a_year(self) -> float | None:
        """Area that is no longer sealed, a year."""
        return indicators.annualised(self.loss_ha, self.years)

    @property
    def loss_points(self) -> float | None:
        """Area that is no longer sealed, in percentage points of the area observed in both."""
        return indicators.share_change(0, self.loss, self.observed)

    @property
    def net_m2(self) -> int | None:
        """Gain minus loss."""
        return None if self.net is None else indicators.square_metres(self.net)

    @property
    def net_ha(self) -> float | None:
        """Gain minus loss."""
        return None if self.net is None else indicators.hectares(self.net)

    @property
    def net_m2_a_year(self) -> float | None:
        """Gain minus loss, a year."""
        return indicators.annualised(self.net_m2, self.years)

    @property
    def net_ha_a_year(self) -> float | None:
        """Gain minus loss, a year."""
        return indicators.annualised(self.net_ha, self.years)

    @property
    def net_points(self) -> float | None:
        """Gain minus loss, in percentage points of the area observed in both."""
        return indicators.share_change(self.sealed_before, self.sealed_after, self.observed)

    @property
    def per_cent(self) -> float | None:
        """Net change in per cent of what was sealed before; see ``per_cent_status``."""
        return indicators.per_cent_change(self.sealed_before, self.sealed_after)

    @property
    def per_cent_status(self) -> Status:
        """Whether the change in per cent is given: suppressed where less than 50 ha were sealed."""
        return indicators.per_cent_change_status(self.sealed_before)

    @property
    def noise_m2(self) -> float | None:
        """What noise alone could make of gain, and as much of loss."""
        if self.verdict is None:
            return None
        return indicators.square_metres(self.verdict.stress_test.noise)

    @property
    def noise_ha(self) -> float | None:
        """What noise alone could make of gain, and as much of loss."""
        if self.verdict is None:
            return None
        return indicators.hectares(self.verdict.stress_test.noise)

    @property
    def stand_in_year(self) -> int:
        """Year of the edition whose accuracy stands in for one that is not published."""
        return stand_in(self.earlier.product)[0]

    @property
    def without_accuracy(self) -> tuple[int, ...]:
        """Years of those of its editions of which no accuracy is published."""
        pair = self.earlier, self.later
        return tuple(e.year for e in pair if accuracy_of(e)[2])

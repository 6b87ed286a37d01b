"""The report of an upload as a page shows it: counts, kinds of findings, features page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from analytics.uploads import FeatureReport, Finding, Report, Severity, ledger
from clcplus.views.zones.areas import written_area
from clcplus.views.zones.finding_words import Said, Text, said, title_of

PAGE = 50
MOST_OVERLAPS = 20
_WORST = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_FINE = 3
SHOWN = {"all": _FINE, "errors": 0, "warnings": 1, "notes": 2}
"""Choices of the filter, with the severity that a feature must have among its findings."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a feature."""

    severity: Severity
    title: Text
    words: Said


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A feature; ``number`` counts from 1 in the order of the file."""

    number: int
    code: str
    name: str
    area: str
    cells: int
    not_observed: float | None
    worst: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of one code, and at how many features they are."""

    code: str
    severity: Severity
    title: Text
    features: int


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Features whose first error is of one kind."""

    title: Text
    features: int


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """Two features that share an area."""

    first: str
    second: str
    area: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What the report says of the file as a whole."""

    features: int
    usable: int
    bad: int
    errors: tuple[ErrorRow, ...]
    """Of which kinds the bad ones are; their numbers add up to ``bad``."""
    warned: int
    noted: int
    area: str
    """Of the usable features, overlaps counted twice."""
    cells: int
    kinds: tuple[Kind, ...]
    findings: tuple[FindingRow, ...]
    overlaps: tuple[OverlapRow, ...]
    overlaps_total: int
    overlaps_area: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of features."""

    rows: tuple[FeatureRow, ...]
    show: str
    code: str
    total: int
    number: int
    pages: int
    first: int
    last: int

    @property
    def title(self) -> Text:
        """Of the kind of finding that is looked at."""
        return title_of(self.code)

    @property
    def query(self) -> str:
        """What the addresses of the other pages begin with."""
        return f"finding={quote(self.code)}&" if self.code else f"show={self.show}&"

    @property
    def before(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The page after."""
        return self.number + 1


def summary_of(report: Report) -> Summary:
    """Counts over all features."""
    usable = [feature for feature in report.features if feature.usable]
    severities = [{f.severity for f in feature.findings} for feature in report.features]
    largest = sorted(report.overlaps, key=lambda overlap: -overlap.area)[:MOST_OVERLAPS]
    return Summary(
        features=len(report.features),
        usable=len(usable),
        bad=len(report.features) - len(usable),
        errors=tuple(ErrorRow(title_of(code), n) for code, n in ledger(report).errors),
        warned=sum(Severity.WARNING in found for found in severities),
        noted=sum(Severity.NOTE in found for found in severities),
        area=written_area(sum(feature.area for feature in usable)),
        cells=sum(feature.cells for feature in usable),
        kinds=_kinds(report.features),
        findings=tuple(_row(finding) for finding in report.findings),
        overlaps=tuple(
            OverlapRow(
                first=_named(report.features[overlap.index]),
                second=_named(report.features[overlap.other_index]),
                area=written_area(overlap.area),
            )
            for overlap in largest
        ),
        overlaps_total=len(report.overlaps),
        overlaps_area=written_area(sum(overlap.area for overlap in report.overlaps)),
    )


def page_of(report: Report, asked: Mapping[str, str]) -> Page:
    """A page of the features that the filter leaves, the worst first, then as in the file."""
    show = asked.get("show", "all")
    show = show if show in SHOWN else "all"
    code = asked.get("finding", "")
    known = {finding.code for feature in report.features for finding in feature.findings}
    code = code if code in known else ""
    found = [feature for feature in report.features if _is_shown(feature, show, code)]
    found.sort(key=worst_of)
    pages = max(1, -(-len(found) // PAGE))
    text = asked.get("page", "")
    number = min(max(int(text), 1), pages) if text.isdecimal() and len(text) < 7 else 1
    first = (number - 1) * PAGE
    rows = tuple(_feature(feature) for feature in found[first : first + PAGE])
    return Page(
        rows=rows,
        show=show,
        code=code,
        total=len(found),
        number=number,
        pages=pages,
        first=first + 1,
        last=first + len(rows),
    )


def worst_of(feature: FeatureReport) -> int:
    """0 for an error among its findings, 1 for a warning, 2 for a note, 3 for none of them."""
    return min((_WORST[finding.severity] for finding in feature.findings), default=_FINE)


def _is_shown(feature: FeatureReport, show: str, code: str) -> bool:
    if code and all(finding.code != code for finding in feature.findings):
        return False
    wanted = SHOWN[show]
    return wanted == _FINE or any(_WORST[f.severity] == wanted for f in feature.findings)


def _kinds(features: Sequence[FeatureReport]) -> tuple[Kind, ...]:
    """Findings of a code may be graver at one feature than at another: each is a kind."""
    found = Counter(
        key
        for feature in features
        for key in {(_WORST[f.severity], f.code, f.severity) for f in feature.findings}
    )
    return tuple(
        Kind(code, severity, title_of(code), number)
        for (_, code, severity), number in sorted(found.items(), key=lambda f: (f[0][0], -f[1]))
    )


def _feature(feature: FeatureReport) -> FeatureRow:
    worst = worst_of(feature)
    return FeatureRow(
        number=feature.index + 1,
        code=feature.code,
        name=feature.name,
        area=written_area(feature.area) if feature.area else "",
        cells=feature.cells,
        not_observed=feature.not_observed_share,
        worst=("error", "warning", "note", "")[worst],
        findings=tuple(_row(finding) for finding in sorted(feature.findings, key=_grave)),
    )


def _grave(finding: Finding) -> int:
    return _WORST[finding.severity]


def _row(finding: Finding) -> FindingRow:
    return FindingRow(finding.severity, title_of(finding.code), said(finding))


def _named(feature: FeatureReport) -> str:
    return feature.name if feature.name == feature.code else f"{feature.name} ({feature.code})"

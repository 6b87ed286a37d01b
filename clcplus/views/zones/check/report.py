"""The report of an upload as a page shows it: counts, kinds of findings, features page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from analytics.uploads import FeatureReport, Report, Severity, ledger
from clcplus.presentation.numbers import shape_area
from clcplus.presentation.pages import page_of
from clcplus.views.zones.check.findings import said, title_of

PAGE = 50
MOST_OVERLAPS = 20
_WORST = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_FINE = 3
SHOWN = {"all": _FINE, "errors": 0, "warnings": 1, "notes": 2}
"""Choices of the filter, with the severity that a feature must have among its findings."""


def summary_of(report: Report) -> dict[str, Any]:
    """What the report says of the file as a whole, as the template takes it."""
    usable = [feature for feature in report.features if feature.usable]
    severities = [{f.severity for f in feature.findings} for feature in report.features]
    largest = sorted(report.overlaps, key=lambda overlap: -overlap.area)[:MOST_OVERLAPS]
    return {
        "features": len(report.features),
        "usable": len(usable),
        "bad": len(report.features) - len(usable),
        # By the kind of their first error: these numbers add up to the bad ones.
        "errors": [(title_of(code), number) for code, number in ledger(report).errors],
        "warned": sum(Severity.WARNING in found for found in severities),
        "noted": sum(Severity.NOTE in found for found in severities),
        # Of the usable features, overlaps counted twice.
        "area": shape_area(sum(feature.area for feature in usable)),
        "cells": sum(feature.cells for feature in usable),
        "kinds": _kinds(report.features),
        "findings": [said(finding) for finding in report.findings],
        "overlaps": [
            (
                _named(report.features[overlap.index]),
                _named(report.features[overlap.other_index]),
                shape_area(overlap.area),
            )
            for overlap in largest
        ],
        "overlaps_total": len(report.overlaps),
        "overlaps_area": shape_area(sum(overlap.area for overlap in report.overlaps)),
    }


def features_of(report: Report, asked: Mapping[str, str]) -> dict[str, Any]:
    """A page of the features that the filter leaves, the worst first, then as in the file."""
    show = asked.get("show", "all")
    show = show if show in SHOWN else "all"
    code = asked.get("finding", "")
    known = {finding.code for feature in report.features for finding in feature.findings}
    code = code if code in known else ""
    found = [feature for feature in report.features if _is_shown(feature, show, code)]
    found.sort(key=worst_of)
    page = page_of(asked.get("page", ""), len(found), PAGE)
    rows = [_row(feature) for feature in found[page.rows]]
    return {
        "rows": rows,
        "show": show,
        "code": code,
        "title": title_of(code),
        "query": f"finding={quote(code)}&" if code else f"show={show}&",
        "total": len(found),
        "at": page,
        "first": page.rows.start + 1,
        "last": page.rows.start + len(rows),
    }


def worst_of(feature: FeatureReport) -> int:
    """0 for an error among its findings, 1 for a warning, 2 for a note, 3 for none of them."""
    return min((_WORST[finding.severity] for finding in feature.findings), default=_FINE)


def _is_shown(feature: FeatureReport, show: str, code: str) -> bool:
    if code and all(finding.code != code for finding in feature.findings):
        return False
    wanted = SHOWN[show]
    return wanted == _FINE or any(_WORST[f.severity] == wanted for f in feature.findings)


def _kinds(features: Sequence[FeatureReport]) -> list[dict[str, Any]]:
    """Findings of one code, and at how many features they are. They may be graver at one feature
    than at another: each is a kind."""
    found = Counter(
        key
        for feature in features
        for key in {(_WORST[f.severity], f.code, f.severity) for f in feature.findings}
    )
    return [
        {"code": code, "severity": severity, "title": title_of(code), "features": number}
        for (_, code, severity), number in sorted(found.items(), key=lambda f: (f[0][0], -f[1]))
    ]


def _row(feature: FeatureReport) -> dict[str, Any]:
    findings = sorted(feature.findings, key=lambda finding: _WORST[finding.severity])
    return {
        "number": feature.index + 1,  # in the order of the file
        "code": feature.code,
        "name": feature.name,
        "area": shape_area(feature.area) if feature.area else "",
        "cells": feature.cells,
        "not_observed": feature.not_observed_share,
        "worst": ("error", "warning", "note", "")[worst_of(feature)],
        "findings": [said(finding) for finding in findings],
    }


def _named(feature: FeatureReport) -> str:
    return feature.name if feature.name == feature.code else f"{feature.name} ({feature.code})"

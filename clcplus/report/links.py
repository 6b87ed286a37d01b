"""Addresses that a report leads to: permanent ones, in its language."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from clcplus.models import Report
from clcplus.report.content import Content


@dataclass(frozen=True, slots=True)
class Links:
    """Where more is to be found."""

    territory: str
    method: str
    table: str
    listed: str


def links_of(report: Report, content: Content) -> Links:
    """The addresses, below the site that the report was asked from."""
    place = content.territory
    address = (place.level, place.code)
    vintage = urlencode({"vintage": place.vintage})

    def absolute(path: str) -> str:
        return f"{report.site}{path}"

    def table(name: str) -> str:
        path = reverse("territory_table", args=(*address, name, "csv"))
        return f"{absolute(path)}?{vintage}"

    return Links(
        territory=f"{absolute(reverse('territory', args=address))}?{vintage}",
        method=absolute(reverse("method")),
        table=table("statistics"),
        listed=table("territories"),
    )

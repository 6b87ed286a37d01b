"""The page of the method."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from sqlalchemy import Connection

from analytics.nomenclature import MISSING_CLASSES
from analytics.products import CLCPLUS
from clcplus.class_names import class_name
from clcplus.views.published import published_page


@published_page
def method(request: HttpRequest, connection: Connection) -> HttpResponse:
    """What is counted, how, and what the figures cannot say."""
    return render(
        request,
        "method.html",
        {
            "section": "method",
            "missing_classes": [
                {"code": c.code, "name": class_name(c.code)} for c in MISSING_CLASSES
            ],
            "published": list(CLCPLUS.values()),
        },
    )

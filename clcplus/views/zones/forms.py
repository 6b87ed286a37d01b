"""What the pages of uploads are sent: a file, a drawing, a pasted text; a name."""

from __future__ import annotations

import io
import re
from typing import Any, BinaryIO

import pyproj
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.uploads import WKT_START, Choice
from clcplus.models import ZoneSet

LONGEST_TEXT = 2_000_000
"""Characters that are drawn or pasted; more come as a file, which goes to disk as it arrives."""
_LONGEST_NAME = 80
_EPSG = re.compile(r"(?:EPSG:)?\s*(\d{4,6})", re.IGNORECASE)


def epsg_of(text: str) -> str:
    """``EPSG:2154`` for that, or for the number alone. Raises ValidationError."""
    found = _EPSG.fullmatch(text.strip())
    if found is None:
        raise forms.ValidationError(
            _("“%(text)s” is no EPSG number; one looks like 2154 or EPSG:2154.")
            % {"text": text.strip()[:40]}
        )
    code = f"EPSG:{int(found[1])}"
    try:
        crs = pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        raise forms.ValidationError(
            _("%(code)s is not among the reference systems that are known here.") % {"code": code}
        ) from None
    if not (crs.is_geographic or crs.is_projected):
        raise forms.ValidationError(
            _("%(code)s (%(name)s) is no system of places on a map.")
            % {"code": code, "name": crs.name}
        )
    return code


class NamedForm(forms.Form):
    """The name of a set; blank for one that is made of the file's. Each form says what was sent as
    :func:`clcplus.actions.zone_sets.received_files.receive` takes it."""

    name = forms.CharField(required=False, max_length=_LONGEST_NAME)


def _sent(source: BinaryIO, file_name: str, kind: ZoneSet.Kind, choice: Choice) -> dict[str, Any]:
    return {"source": source, "file_name": file_name, "kind": kind, "choice": choice}


class FileForm(NamedForm):
    """A file of zones."""

    file = forms.FileField(
        max_length=200,
        allow_empty_file=True,
        error_messages=dict.fromkeys(("required", "missing"), gettext_lazy("Choose a file first.")),
    )

    def sent(self) -> dict[str, Any]:
        """The file, which Django has read to a disk or to memory."""
        file: Any = self.cleaned_data["file"]
        return _sent(file.file, file.name, ZoneSet.Kind.FILE, Choice())


class DrawnForm(NamedForm):
    """Zones that the page's script has written down as GeoJSON."""

    drawn = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={"required": gettext_lazy("Draw at least one zone first.")},
    )

    def sent(self) -> dict[str, Any]:
        """The drawing as a file, with the fields that the script has given it."""
        content = io.BytesIO(self.cleaned_data["drawn"].encode())
        choice = Choice(code_field="code", name_field="name")
        return _sent(content, _("Drawn zones") + ".geojson", ZoneSet.Kind.DRAWN, choice)


class PastedForm(NamedForm):
    """GeoJSON or well-known text, perhaps with its reference system; else that is asked for."""

    text = forms.CharField(
        max_length=LONGEST_TEXT,
        error_messages={
            "required": gettext_lazy("Paste GeoJSON or well-known text (WKT) first."),
            "max_length": gettext_lazy("The text is too long: save it as a file and upload that."),
        },
    )
    epsg = forms.CharField(required=False, max_length=40)

    def clean_epsg(self) -> str:
        """As ``EPSG:2154``; blank for none."""
        text = self.cleaned_data["epsg"]
        return epsg_of(text) if text.strip() else ""

    def clean_text(self) -> str:
        """GeoJSON or well-known text by its beginning: all else is told before it is queued."""
        text: str = self.cleaned_data["text"].lstrip("\ufeff")
        if not text.lstrip().startswith("{") and not WKT_START.match(text):
            raise forms.ValidationError(
                _(
                    "This is neither GeoJSON nor well-known text: it begins with “%(text)s”."
                    " Expected is something like POLYGON ((4.8 45.7, …)) or {“type”: …}."
                )
                % {"text": text.strip()[:40]}
            )
        return text

    def sent(self) -> dict[str, Any]:
        """The text as a file."""
        text, crs = self.cleaned_data["text"], self.cleaned_data["epsg"] or None
        ending = "geojson" if text.lstrip().startswith("{") else "wkt"
        name = _("Pasted zones")
        file = io.BytesIO(text.encode())
        return _sent(file, f"{name}.{ending}", ZoneSet.Kind.PASTED, Choice(crs=crs))


FORMS: dict[str, type[FileForm] | type[DrawnForm] | type[PastedForm]] = {
    "file": FileForm,
    "drawn": DrawnForm,
    "pasted": PastedForm,
}
"""By the field ``kind`` of what is sent."""

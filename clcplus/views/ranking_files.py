"""A ranking as a file: all rows that its page lists, in its order, a territory each."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from sqlalchemy import Connection

from analytics import queries
from analytics.cells import harmless
from analytics.queries.ties import Standing
from clcplus import limits, site_address
from clcplus.api import formats, parameters
from clcplus.api.cells import with_comma
from clcplus.api.errors import AcrossOrigins, BadParameter
from clcplus.api.streams import FromSnapshot
from clcplus.api.xlsx import Book
from clcplus.citations import citation
from clcplus.views.files import Snapshot, published_file
from clcplus.views.published import note_version
from clcplus.views.ranking import Choice, RankedRow, choice_of, listed, ranked_rows, standing_of

FORMATS = ("csv", "xlsx")
_AT_ONCE = 1000
_BOM = "\ufeff"
_GROUPS = {"ranked": "ranked", "noise": "in_map_noise", "unknown": "no_figure"}

Value = str | int | float | None


def _area(hectares: float | None) -> float | None:
    """To the cell, of 0.01 ha."""
    return None if hectares is None else round(hectares, 2)


def _stands_out(figure: float | None, noise: bool) -> str | None:
    return None if figure is None else ("no" if noise else "yes")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    meaning: str
    value: Callable[[RankedRow, Choice], Value]


COLUMNS = (
    _Column("rank_first", "first rank that it may have; empty: none", lambda r, c: r.first or None),
    _Column("rank_last", "last rank that it may have", lambda r, c: r.last or None),
    _Column("rank_status", "ranked, in_map_noise or no_figure", lambda r, c: _GROUPS[r.group]),
    _Column("code", "code of the territory; text", lambda r, c: r.link.code),
    _Column("name", "name of the territory", lambda r, c: r.link.name),
    _Column("within", "the territory that holds it", lambda r, c: r.parent_name),
    _Column("level", "level", lambda r, c: r.link.level),
    _Column("vintage", "year of the boundaries", lambda r, c: r.link.vintage),
    _Column("edition", "edition of share and area", lambda r, c: c.edition.slug),
    _Column("sealed_share", "fraction of the observed area, 0 to 1", lambda r, c: r.share),
    _Column("sealed_area_ha", "hectares", lambda r, c: _area(r.sealed_ha)),
    _Column(
        "sealed_m2_per_inhabitant",
        "square metres; empty: not observed, or the population is not known",
        lambda r, c: None if r.per_inhabitant is None else round(r.per_inhabitant, 2),
    ),
    _Column("inhabitants", "the newest number known", lambda r, c: r.inhabitants),
    _Column("not_observed_share", "fraction of the whole area", lambda r, c: r.not_observed_share),
    _Column(
        "change_from",
        "edition that change is counted from",
        lambda r, c: c.pair[0].slug if c.pair else None,
    ),
    _Column("sealed_gain_ha", "hectares", lambda r, c: _area(r.gain_ha)),
    _Column(
        "gain_stands_out",
        "whether it is more than map noise alone could make: yes or no",
        lambda r, c: _stands_out(r.gain_ha, r.gain_noise),
    ),
    _Column("sealed_net_change_ha", "hectares", lambda r, c: _area(r.net_ha)),
    _Column(
        "net_change_stands_out",
        "whether it is more than map noise alone could make: yes or no",
        lambda r, c: _stands_out(r.net_ha, r.net_noise),
    ),
)


def _checked(request: HttpRequest, choice: Choice | None) -> Choice:
    """The choice, or an error: a page may show the usual instead, a file must be what was asked."""
    if choice is None:
        raise Http404("no edition is published")
    parameters.across_origins(request)
    if choice.held_back is not None and choice.held_back.slug == request.GET.get("from"):
        raise AcrossOrigins.of(choice.held_back, choice.edition)
    had = {
        "sort": (choice.order, "share, sealed, person, gain or net, after a minus the highest"),
        "edition": (choice.edition.slug, "a published edition"),
        "from": (
            choice.pair[0].slug if choice.pair else "",
            f"an edition earlier than {choice.edition.slug}",
        ),
        "people": (str(choice.people or ""), "a whole number"),
    }
    for name, (used, allowed) in had.items():
        found = request.GET.get(name, "")
        if found not in {"", used}:
            raise BadParameter(name, found=found, allowed=allowed)
    return choice


def _lines(
    connection: Connection, standing: Standing, choice: Choice, rows: Any
) -> Iterator[list[Value]]:
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        for row in ranked_rows(connection, standing, choice.measure, some):
            yield [column.value(row, choice) for column in COLUMNS]


def _csv(lines: Iterator[list[Value]], dialect: str) -> Iterator[str]:
    spreadsheet = dialect == formats.SPREADSHEET

    def cell(value: Value) -> Value:
        if isinstance(value, str):
            return harmless(value)
        return with_comma(value) if spreadsheet and isinstance(value, float) else value

    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    file.write(_BOM if spreadsheet else "")
    writer.writerow(column.name for column in COLUMNS)
    for line in lines:
        writer.writerow([cell(value) for value in line])
        if file.tell() > 64_000:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _workbook(lines: list[list[Value]], about: dict[str, str]) -> IO[bytes]:
    """A file at its start, which is gone as soon as it is closed."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with (
            tempfile.TemporaryDirectory(prefix="clcplus-xlsx-") as folder,
            Book(file, folder=folder) as book,
        ):
            data, notes = book.sheet("ranking"), book.sheet("about")
            data.freeze_panes(1, 0)
            for column, known in enumerate(COLUMNS):
                data.set_column(column, column, 28 if known.name in {"name", "within"} else 14)
                data.write_string(0, column, known.name, book.bold)
            for number, line in enumerate(lines, start=1):
                for column, value in enumerate(line):
                    if isinstance(value, str):
                        book.write_text(data, number, column, value)
                    elif value is not None:
                        data.write_number(number, column, value)
            notes.set_column(0, 0, 26)
            notes.set_column(1, 1, 110, book.add_format({"text_wrap": True, "valign": "top"}))
            told = [*about.items(), *((column.name, column.meaning) for column in COLUMNS)]
            for number, (heading, text) in enumerate(told):
                notes.write_string(number, 0, heading, book.bold)
                book.write_text(notes, number, 1, text)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


@published_file
def ranking_table(
    request: HttpRequest, snapshot: Snapshot, level: str, chosen: str
) -> HttpResponseBase:
    """The ranking that the same query shows as a page, all of its rows."""
    if chosen not in FORMATS:
        raise Http404(f"no such format; formats: {', '.join(FORMATS)}")
    parameters.only(request, {"sort", "edition", "from", "across", "in", "people", "dialect"})
    dialect = parameters.dialect(request, chosen, formats.DIALECTS)
    connection = snapshot.connection
    if level not in queries.level_slugs(connection):
        raise Http404(f"no level {level!r}")
    choice = _checked(request, choice_of(request, queries.editions(connection)))
    limits.spend(request)
    note_version(request, connection)
    standing = standing_of(request, connection, level, choice.edition, choice.pair)
    lines = _lines(connection, standing, choice, listed(connection, standing, choice))
    response: HttpResponseBase
    if request.method == "HEAD":
        response = StreamingHttpResponse(iter(()))
    elif chosen == "xlsx":
        editions = [*choice.pair[:1], choice.edition]
        about = {
            "address": site_address.absolute(request),
            "rule": "Two territories are ranked apart only where their figures differ by more than "
            "map noise alone could make of them; ranks are among the whole level, 1 the highest.",
            "citation": citation(editions),
        }
        response = FileResponse(_workbook(list(lines), about))
    else:
        response = StreamingHttpResponse(FromSnapshot(_csv(lines, dialect), snapshot.taken_along()))
    media_type = formats.FORMATS[chosen].media_type
    response["Content-Type"] = f"{media_type}; charset=utf-8" if chosen == "csv" else media_type
    names = ["sealing-ranking", level, choice.edition.slug, choice.measure]
    response["Content-Disposition"] = formats.disposition("-".join(names), chosen)
    return response

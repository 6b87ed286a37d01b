"""The search for territories, by code or by name; also by names that are misspelt.

In steps, each only where the one before has not found enough: codes and beginnings of names, then
beginnings of their words, then names that are spelt nearly so. The names are those of
``tables.place_name``, hidden ones among them: each is held against the visible zones before it is
an answer.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    collate,
    func,
    literal,
    or_,
    select,
    true,
)

from analytics.queries import tables
from analytics.queries.populations import latest_inhabitants
from analytics.queries.single_statements import made_once
from analytics.queries.territories import successors, summary
from analytics.queries.visible import link_columns, visible_layers, visible_zones
from analytics.records import Found, SearchResults
from analytics.search import farness, search_keys, similarity_with, tolerated, without_article

FEW = 5
"""Names that are nearly so are looked for where fewer than this are met literally."""
SHORTEST = 2
"""Letters from which on the beginning of a name is enough."""
_CANDIDATES = 60
"""Names, by their trigrams, whose spelling is compared letter by letter."""
_TWO_WRONG = 2.0
"""The farness from which on names are looked for that have more than one letter wrong."""
_SPOILT_BY_ONE, _SPOILT_BY_TWO = 4, 8
"""Trigrams that one swap of neighbours, the worst of mistakes, can spoil; and two of them."""

_EXACT_CODE, _EXACT_NAME, _BEGINNING, _WITHOUT_ARTICLE, _WORDS = range(5)
_WORDS_AT_MOST = 8
_NOTHING = "\x7f"
"""What no key and no code begins with."""


def search(connection: Connection, *, text: str, limit: int = 10) -> SearchResults:
    """Territories of any level by code, by name, by the beginnings of its words, or nearly so.

    Exact codes first, then exact names, names that begin with the text, names whose words do; of
    equals higher levels and more inhabitants first. Seven statements at most.
    """
    keys = tuple(key for key in search_keys(text) if key)
    if not keys:
        return SearchResults(found=(), near=(), more=False, too_short=False)
    bare = tuple(rest for key in keys if (rest := without_article(key)))
    too_short = len(keys[0].replace(" ", "")) < SHORTEST
    rows = _literal(connection, text=text, keys=keys, bare=bare, whole=too_short, limit=limit + 1)
    by_code = any(row.match == _EXACT_CODE for row in rows)
    if not too_short and not by_code and len(rows) <= limit:
        rows += _by_words(connection, keys=(*keys, *bare), limit=limit + 1 - len(rows))
    near: list[Row[Any]] = []
    met = any(row.match <= _EXACT_NAME for row in rows)
    if not met and len(rows) < min(FEW, limit):
        known = {(row.level, row.code) for row in rows}
        key = (*keys, *bare)[-1]
        near = _near(connection, key=key, without=known, limit=min(FEW, limit - len(rows)))
    distinct = _distinct(sorted(rows, key=lambda row: (row.match, not row.current)))
    later = successors(connection, ids) if (ids := _gone([*distinct, *near])) else {}
    return SearchResults(
        found=tuple(_found(row, later) for row in distinct[:limit]),
        near=tuple(_found(row, later) for row in near),
        more=len(rows) > limit,
        too_short=too_short,
    )


def _literal(
    connection: Connection,
    *,
    text: str,
    keys: Sequence[str],
    bare: Sequence[str],
    whole: bool,
    limit: int,
) -> list[Row[Any]]:
    """Places of the code or with a name that begins so, or is it where it must be ``whole``.

    ``bare`` are the keys without an article.
    """
    stripped = text.strip()
    code = stripped.upper()
    beginnings = {
        "key_0": keys[0],
        "key_1": keys[-1],
        "bare_0": bare[0] if bare else _NOTHING,
        "bare_1": bare[-1] if bare else _NOTHING,
        "code": code if any(sign.isdigit() for sign in stripped) else _NOTHING,
    }
    values: dict[str, object] = {"codes": [stripped, code], "keys": [*keys, *bare], "most": limit}
    if not whole:
        for name, beginning in beginnings.items():
            # What comes after every text with this beginning, byte by byte.
            values |= {f"{name}_from": beginning, f"{name}_to": f"{beginning}\U0010ffff"}
    return list(connection.execute(_of_text(whole=whole), values))


def _by_words(connection: Connection, *, keys: Sequence[str], limit: int) -> list[Row[Any]]:
    """Places of which each word of a key begins a word of the name, in any order."""
    # A key holds letters, digits and single spaces: nothing that LIKE would take for a sign.
    values: dict[str, object] = {"most": limit}
    counts = []
    for number, key in enumerate(keys):
        values[f"whole_{number}"] = f"{key}%"
        words = list(dict.fromkeys(key.split()))[:_WORDS_AT_MOST]
        counts.append(len(words))
        for at, word in enumerate(words):
            values[f"first_{number}_{at}"] = f"{word}%"
            values[f"other_{number}_{at}"] = f"% {word}%"
    return list(connection.execute(_of_words(tuple(counts)), values))


def _begins(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """A beginning as a range, which only the index by bytes can answer: LIKE may take that of
    trigrams, ten times as slow for what many names begin with."""
    return and_(
        column.op("~>=~", is_comparison=True)(bindparam(f"{name}_from")),
        column.op("~<~", is_comparison=True)(bindparam(f"{name}_to")),
    )


# Statements are made once for each shape: making one takes as long as the database needs for it.
@made_once
def _of_text(*, whole: bool) -> Select[Any]:
    place = tables.place_name
    cases: list[tuple[ColumnElement[bool], int]] = [
        (place.c.code.in_(bindparam("codes", expanding=True)), _EXACT_CODE),
        (place.c.key.in_(bindparam("keys", expanding=True)), _EXACT_NAME),
    ]
    if not whole:
        keys = [_begins(place.c.key, name) for name in ("key_0", "key_1")]
        bare = [_begins(place.c.key, name) for name in ("bare_0", "bare_1")]
        cases += [
            (or_(*keys, _begins(place.c.code, "code")), _BEGINNING),
            (or_(*bare), _WITHOUT_ARTICLE),
        ]
    return _visible(match=case(*cases), wanted=or_(*(condition for condition, _ in cases)))


@functools.lru_cache(64)
def _of_words(counts: tuple[int, ...]) -> Select[Any]:
    key = tables.place_name.c.key
    worded = [
        and_(
            *(
                or_(
                    key.like(bindparam(f"first_{number}_{at}")),
                    key.like(bindparam(f"other_{number}_{at}")),
                )
                for at in range(words)
            )
        )
        for number, words in enumerate(counts)
    ]
    whole = [key.like(bindparam(f"whole_{number}")) for number in range(len(counts))]
    return _visible(match=literal(_WORDS), wanted=and_(or_(*worded), ~or_(*whole)))


@made_once
def _of_ids() -> Select[Any]:
    place = tables.place_name
    ids = bindparam("ids", type_=ARRAY(BigInteger))
    return _visible(match=func.array_position(ids, place.c.id), wanted=place.c.id == func.any(ids))


@made_once
def _alike() -> Select[Any]:
    """Names by their trigrams, most alike first."""
    place, level = tables.place_name, tables.level
    typed: ColumnElement[str] = bindparam("typed", type_=Text)
    return (
        select(place.c.id, place.c.key, place.c.inhabitants, level.c.rank)
        .join_from(place, level, level.c.id == place.c.level_id)
        .where(typed.op("<%", is_comparison=True)(place.c.key))
        .order_by(
            func.word_similarity(typed, place.c.key).desc(),
            func.similarity(typed, place.c.key).desc(),
            place.c.inhabitants.desc().nulls_last(),
        )
        .limit(_CANDIDATES)
    )


def _near(
    connection: Connection, *, key: str, without: set[tuple[str, str]], limit: int
) -> list[Row[Any]]:
    """Places whose names are spelt nearly so, nearest first."""
    most = tolerated(key)
    if not most:
        return []
    measured = _spelt_nearly(connection, key=key, spoilt=_SPOILT_BY_ONE, most=most)
    if most > 1 and not (measured and measured[0] < (_TWO_WRONG,)):
        measured = _spelt_nearly(connection, key=key, spoilt=_SPOILT_BY_TWO, most=most)
    # Some of them may not be visible, or be found already.
    ids = [id for *_order, id in measured[: 4 * limit]]
    if not ids:
        return []
    rows = connection.execute(_of_ids(), {"ids": ids, "most": len(ids)})
    return [row for row in _distinct(rows) if (row.level, row.code) not in without][:limit]


def _spelt_nearly(
    connection: Connection, *, key: str, spoilt: int, most: int
) -> list[tuple[float, int, int, int]]:
    """Farness, rank of the level, negated inhabitants and id of places, nearest first, whose names
    are at most ``most`` letters away.

    Candidates share the trigrams that are left where ``spoilt`` of the key's are.
    """
    threshold = similarity_with(key, spoilt=spoilt)
    name = "pg_trgm.word_similarity_threshold"
    connection.execute(select(func.set_config(name, str(threshold), true())))
    rows = connection.execute(_alike(), {"typed": key})
    return sorted(
        (far, row.rank, -(row.inhabitants or 0), row.id)
        for row in rows
        if (far := farness(key, row.key)) < most + 1
    )


def _visible(*, match: ColumnElement[int], wanted: ColumnElement[bool]) -> Select[Any]:
    """The first places in the order of ``match`` that readers may see, each as its newest zone.

    The names are put in order first, which are narrow rows, and then held one by one against the
    zones until there are enough.
    """
    place, level = tables.place_name, tables.level
    names = (
        select(
            match.label("match"),
            level.c.rank,
            place.c.level_id,
            place.c.code,
            place.c.key,
            place.c.inhabitants.label("people"),
        )
        .join_from(place, level, level.c.id == place.c.level_id)
        .where(wanted)
        .order_by(match, *_order(level.c.rank, place.c.inhabitants, place.c.key, place.c.code))
        .subquery("names")
    )
    newest, named = _newest(names), _named(names)
    parent = tables.zone.alias("parent")
    layer = visible_layers("later_layer")
    gone_since = (
        select(func.min(layer.c.vintage))
        .where(layer.c.level_id == names.c.level_id, layer.c.vintage > newest.c.vintage)
        .scalar_subquery()
    )
    return (
        select(
            names.c.match,
            *link_columns(newest),
            newest.c.successor_id,
            newest.c.cells,
            parent.c.name.label("parent_name"),
            latest_inhabitants(newest.c.id),
            case((newest.c.search_name != names.c.key, named.c.name)).label("former_name"),
            gone_since.label("gone_since"),
        )
        .select_from(names)
        .join(newest, true())
        .outerjoin(named, true())
        .outerjoin(parent, parent.c.id == newest.c.parent_id)
        .where(or_(newest.c.search_name == names.c.key, named.c.name.is_not(None)))
        .order_by(names.c.match, *_order(names.c.rank, names.c.people, names.c.key, names.c.code))
        .limit(bindparam("most"))
    )


def _order(
    rank: ColumnElement[int],
    people: ColumnElement[int],
    key: ColumnElement[str],
    code: ColumnElement[str],
) -> Sequence[ColumnElement[Any]]:
    """Of places that match equally: higher levels and more inhabitants first."""
    return rank, people.desc().nulls_last(), collate(key, "C"), collate(code, "C")


def _newest(names: Subquery) -> Any:
    """The newest visible zone of a place, whatever its name."""
    zone = visible_zones("zone")
    return (
        select(zone)
        .where(zone.c.level_id == names.c.level_id, zone.c.code == names.c.code)
        .order_by(zone.c.vintage.desc())
        .limit(1)
        .lateral("newest")
    )


def _named(names: Subquery) -> Any:
    """The name of a place as its newest visible zone of this name writes it."""
    zone = visible_zones("named_zone")
    return (
        select(zone.c.name)
        .where(
            zone.c.level_id == names.c.level_id,
            zone.c.code == names.c.code,
            zone.c.search_name == names.c.key,
        )
        .order_by(zone.c.vintage.desc())
        .limit(1)
        .lateral("named")
    )


def _distinct(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Each territory once, where it first is: it may be found by two of its names."""
    return list({row.id: row for row in reversed(list(rows))}.values())[::-1]


def _gone(rows: Iterable[Row[Any]]) -> list[int]:
    return [row.successor_id for row in rows if row.successor_id and not row.current]


def _found(row: Row[Any], later: dict[int, Any]) -> Found:
    return Found(
        territory=summary(row),
        former_name=row.former_name,
        successor=None if row.current else later.get(row.successor_id),
        gone_since=None if row.current else row.gone_since,
    )

"""Names of places: how they are compared, and how far they are from what was typed."""

from analytics.search.names import search_key, search_keys, without_article
from analytics.search.spelling import farness, similarity_with, tolerated

__all__ = [
    "farness",
    "search_key",
    "search_keys",
    "similarity_with",
    "tolerated",
    "without_article",
]

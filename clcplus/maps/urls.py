"""Addresses below /tiles/."""

from __future__ import annotations

from django.urls import path, re_path, register_converter
from django.urls.converters import IntConverter

from clcplus.http.problems import unknown_path
from clcplus.maps import views


class TileIndex(IntConverter):
    """A column or row of a tile; no more digits than the largest zoom needs."""

    regex = "[0-9]{1,7}"


register_converter(TileIndex, "tile_index")

app_name = "tiles"
_CHANGE, _TWICE = "change/<str:earlier>/<str:later>", {"twice": True}
_PATCHES = "patches/<str:earlier>/<str:later>"
_TILE = "<tile_index:zoom>/<tile_index:column>/<tile_index:row>"
urlpatterns = [
    path("territories/<str:level>.json", views.territories_about, name="territories-about"),
    path(f"territories/<str:level>/{_TILE}.mvt", views.territories_tile, name="territories"),
    path("editions/<str:slug>.json", views.edition_about, name="edition-about"),
    path(f"editions/<str:slug>/{_TILE}.png", views.edition_tile, name="edition"),
    path(f"editions/<str:slug>/{_TILE}@2x.png", views.edition_tile, _TWICE, name="edition-twice"),
    path(f"{_CHANGE}.json", views.change_about, name="change-about"),
    path(f"{_CHANGE}/{_TILE}.png", views.change_view, name="change"),
    path(f"{_CHANGE}/{_TILE}@2x.png", views.change_view, _TWICE, name="change-twice"),
    path(f"{_PATCHES}.json", views.patches_about, name="patches-about"),
    path(f"{_PATCHES}/{_TILE}.mvt", views.patches_tile, name="patches"),
    re_path(r"", unknown_path, name="unknown"),
]

"""enter_accuracy: the accuracy of an edition's sealed class, from a validation of your own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from analytics.records import PlaceAccuracy
from clcplus.actions.editions.accuracy import enter_accuracy
from clcplus.management.terminal import ExplainedCommand

_FIGURES = ("place", "producers", "producers_half_width", "users", "source")


class Command(ExplainedCommand):
    help = (
        "Enter the accuracy of the sealed class in an edition, which its territories borrow for"
        " their intervals; it replaces the published one. Accuracies are per cent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("edition", metavar="EDITION", help="such as clcplus-2021")
        parser.add_argument("--place", help="what was validated, such as France")
        parser.add_argument("--producers", type=float, help="producer's accuracy")
        parser.add_argument(
            "--producers-half-width", type=float, help="half of its 95 %% interval, in points"
        )
        parser.add_argument("--users", type=float, help="user's accuracy")
        parser.add_argument("--source", help="where the figures are published")
        parser.add_argument("--remove", action="store_true", help="remove what was entered")

    def handle(self, *, edition: str, remove: bool, **options: Any) -> None:
        said = {name: options[name] for name in _FIGURES if options[name] is not None}
        if (remove and said) or (not remove and len(said) < len(_FIGURES)):
            raise CommandError(
                "give the place, both accuracies, the half-width and the source, or --remove",
                returncode=2,
            )
        accuracy = None
        if not remove:
            fractions = {name: said[name] / 100 for name in _FIGURES[1:4]}
            accuracy = PlaceAccuracy(place=said["place"], source=said["source"], **fractions)
        found = enter_accuracy(slug=edition, accuracy=accuracy)
        self.stdout.write(f"{found.slug}: accuracy {'removed' if remove else 'entered'}")

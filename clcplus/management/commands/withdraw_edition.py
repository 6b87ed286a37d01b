"""withdraw_edition: hide an edition from readers."""

from __future__ import annotations

from clcplus.actions.editions import publication
from clcplus.management.commands import publish_edition


class Command(publish_edition.Command):
    help = "Hide a published edition from readers; its counts are kept."
    action = staticmethod(publication.withdraw_edition)

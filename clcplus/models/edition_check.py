"""EditionCheck: what the checks said of an edition, and what a person has decided on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.checks import Grade
from clcplus.models.edition import Edition
from clcplus.models.run import Run


class EditionCheck(models.Model):
    """The checks of an edition at one time."""

    class Decision(models.TextChoices):
        PUBLISHED = "published", _("published all the same")
        REJECTED = "rejected", _("rejected")

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="checks")
    # The last edition of its product, with which it was compared.
    against = models.ForeignKey(Edition, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.OneToOneField(
        Run, on_delete=models.SET_NULL, null=True, related_name="edition_check"
    )
    # The severest of all grades.
    grade = models.CharField(max_length=4)
    # Documents of analytics.checks.CheckResult.
    report = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.edition.slug}: {self.grade}"

    @property
    def holds(self) -> bool:
        """Whether every check passes, and the edition was compared with another one."""
        return self.grade == Grade.PASS and self.against_id is not None

    @property
    def failing(self) -> list[str]:
        """Names of the checks that do not pass."""
        return [one["check"] for one in self.report if one["grade"] in (Grade.WARN, Grade.FAIL)]

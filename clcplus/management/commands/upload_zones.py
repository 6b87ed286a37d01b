"""upload_zones: custom zones from a file, as the upload page takes them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from analytics.uploads import Choice, Finding, Reading, Severity, code_pages, from_json, ledger
from clcplus.actions.zone_sets import (
    question_answers,
    received_files,
    set_publication,
    zone_acceptance,
)
from clcplus.actions.zone_sets.question_answers import REFERENCE_QUESTIONS
from clcplus.jobs import runner
from clcplus.management.terminal import POLL_SECONDS, ExplainedCommand, account_named
from clcplus.models import ZoneSet


class Command(ExplainedCommand):
    help = "Upload a set of custom zones, have it checked and counted, and publish it if asked to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--owner", required=True, help="name of the account that owns the set")
        parser.add_argument("--name", default="", help="name of the set; else that of the file")
        parser.add_argument("--layer", help="layer of the file, where it has several")
        parser.add_argument("--crs", help="reference system, where the file does not say it")
        parser.add_argument(
            "--swap-axes", action="store_true", help="latitude or northing comes first in the file"
        )
        parser.add_argument(
            "--insist", action="store_true", help="keep a --crs that the coordinates contradict"
        )
        parser.add_argument("--code-field", help="field with the code; else it is guessed")
        parser.add_argument("--name-field", help="field with the name; else it is guessed")
        parser.add_argument(
            "--encoding", help="of the texts of a Shapefile, such as UTF-8; else its records decide"
        )
        parser.add_argument("--skip-bad", action="store_true", help="leave out what has an error")
        parser.add_argument("--publish", action="store_true", help="show it to every reader")

    def handle(
        self, *, file: Path, owner: str, publish: bool, skip_bad: bool, **options: Any
    ) -> None:
        account = account_named(owner, expected="one that is active", is_active=True)
        zone_set = self._checked(file, account, options)
        if zone_set.stage == ZoneSet.Stage.REPORTED:
            self._report(from_json(zone_set.reading or {}))
            try:
                run = zone_acceptance.accept(
                    zone_set=zone_set, by=account, skip_bad=skip_bad, name=zone_set.name
                )
            except Exception:
                set_publication.delete(zone_set=zone_set, by=account)
                raise
            if run is not None:
                self.follow(run, name=zone_set.name)
        if publish:
            set_publication.publish(zone_set=zone_set, by=account)
        zone_set.refresh_from_db()
        state = "published" if zone_set.published_at else "not published"
        self.stdout.write(f"{zone_set.name}: {state}; {zone_set.get_absolute_url()}")

    def _checked(self, path: Path, owner: Any, options: dict[str, Any]) -> ZoneSet:
        """The set of a file, checked. One that cannot be used is removed again."""
        names = ("layer", "crs", "swap_axes", "insist", "code_field", "name_field")
        choice = Choice(
            encoding=_encoding(options["encoding"]), **{name: options[name] for name in names}
        )
        try:
            with path.open("rb") as source:
                zone_set = received_files.receive(
                    owner=owner,
                    source=source,
                    file_name=path.name,
                    kind=ZoneSet.Kind.FILE,
                    choice=choice,
                    name=options["name"],
                    from_operator=True,
                ).zone_set
        except OSError as error:
            raise CommandError(f"{path}: found {error.strerror}; expected a file") from None
        while zone_set.stage == ZoneSet.Stage.CHECKING:
            # The unit may be locked by a worker that was quicker.
            if not runner.work(question_answers.KIND, zone_set.pk):
                time.sleep(POLL_SECONDS)
            zone_set.refresh_from_db()
            self.progress.show(f"{zone_set.name}: checked to {zone_set.percent} %")
        self.progress.end()
        problem = _problem(zone_set)
        if problem is not None:
            set_publication.delete(zone_set=zone_set, by=owner)
            raise CommandError(f"{path.name}: {problem}")
        return zone_set

    def _report(self, reading: Reading) -> None:
        if reading.report is None:
            return
        for finding in reading.report.findings:
            self.stdout.write(f"file: {_line(finding)}")
            if finding.code.startswith("encoding-"):
                for one in reading.encodings:
                    self.stdout.write(f"  --encoding '{one.encoding}': {', '.join(one.sample)}")
        features = reading.report.features
        noted: dict[str, list[str]] = {}
        for feature in features:
            for finding in feature.findings:
                line = f"feature {feature.index} ({feature.code}): {_line(finding)}"
                if finding.severity == Severity.NOTE:
                    noted.setdefault(finding.code, []).append(line)
                else:
                    self.stdout.write(line)
        for lines in noted.values():  # one of each kind: most features may have it
            more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
            self.stdout.write(lines[0] + more)
        account = ledger(reading.report)
        terms = [f"{account.usable} usable", *(f"{n} {code}" for code, n in account.errors)]
        self.stdout.write(f"shapes read: {account.read} = {' + '.join(terms)}")
        area = sum(feature.area for feature in features) / 1e6
        self.stdout.write(
            f"{reading.format}: {account.usable} of {len(features)} features usable, {area:.2f} km²"
        )


def _line(finding: Finding) -> str:
    return (
        f"{finding.severity}: found {finding.found}; expected {finding.expected}. {finding.action}"
    )


def _encoding(name: str | None) -> str | None:
    label = None if name is None else code_pages.named(name)
    if name is not None and label is None:
        known = ", ".join(code_pages.CODECS)
        raise CommandError(f"--encoding: found {name[:40]!r}; expected one of {known}")
    return label


def _problem(zone_set: ZoneSet) -> str | None:
    """Why the set cannot be accepted as it is, in one line."""
    if zone_set.stage == ZoneSet.Stage.REFUSED and zone_set.refusal:
        return "found {found}; expected {expected}. {hint}".format(**zone_set.refusal).rstrip()
    if zone_set.stage != ZoneSet.Stage.ASKING:
        return None
    reading = from_json(zone_set.reading or {})
    if reading.reference is None:
        names = ", ".join(layer.name for layer in reading.layers)
        return f"found the layers {names}; expected one of them. Say --layer"
    if reading.reference.status == "axes":
        return (
            "found coordinates whose latitude or northing seems to come first; expected it second. "
            "Say --swap-axes, or --crs where they are right as they stand"
        )
    guesses = reading.reference.guesses[:3]
    likely = ", ".join(g.crs + " --swap-axes" * g.swapped for g in guesses) or "none"
    named = f" ({reading.reference.name})" if reading.reference.name else ""
    why = REFERENCE_QUESTIONS[reading.reference.status].removesuffix(".") + named
    insist = reading.reference.status == "doubted"
    return f"{why}. Say --crs{' with another one' if insist else ''}; likely: {likely}" + (
        ". Or say --insist where it is right all the same" if insist else ""
    )

"""The audit log is of any subject, and each entry holds the digest of the one before.

Entries that are there get their digests here: what they say now is what counts from now on.
"""

from __future__ import annotations

import hashlib
import json

from django.db import migrations, models

_EVENTS = [
    ("uploaded", "uploaded"),
    ("refused", "refused"),
    ("accepted", "accepted"),
    ("cancelled", "computation cancelled"),
    ("resumed", "computation resumed"),
    ("published", "published"),
    ("withdrawn", "withdrawn"),
    ("rejected", "rejected"),
    ("changed", "changed"),
    ("shared", "share link made"),
    ("revoked", "access revoked"),
    ("created", "created"),
    ("deleted", "deleted"),
]
_SUBJECTS = [
    ("zone-set", "set of zones"),
    ("edition", "edition"),
    ("data", "published data"),
    ("sample", "reference sample"),
    ("run", "job"),
    ("token", "token of the API"),
    ("checkpoint", "checkpoint of the model"),
]
_CONTENT = ("account", "event", "subject", "key", "name", "details", "previous")


def chain(apps, schema_editor):  # type: ignore[no-untyped-def]
    entries = apps.get_model("clcplus", "AuditEntry").objects
    previous = ""
    for entry in entries.order_by("id").iterator(chunk_size=2000):
        entry.key, entry.previous = str(entry.zone_set), previous
        content = {name: getattr(entry, name) for name in _CONTENT}
        content["at"] = entry.at.isoformat(timespec="microseconds")
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        entry.digest = previous = hashlib.sha256(text.encode()).hexdigest()
        entry.save(update_fields=("key", "previous", "digest"))


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0023_refresh"),)
    operations = (
        migrations.RemoveIndex(model_name="auditentry", name="audit_zone_set"),
        migrations.AlterField("auditentry", "at", models.DateTimeField()),
        migrations.AlterField("auditentry", "name", models.CharField(max_length=120)),
        migrations.AlterField(
            "auditentry", "event", models.CharField(max_length=10, choices=_EVENTS)
        ),
        migrations.AddField(
            "auditentry",
            "subject",
            models.CharField(max_length=10, choices=_SUBJECTS, default="zone-set"),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditentry",
            "key",
            models.CharField(max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.AddField("auditentry", "previous", models.CharField(max_length=64, blank=True)),
        migrations.AddField(
            "auditentry",
            "digest",
            models.CharField(max_length=64, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.RemoveField("auditentry", "zone_set"),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["subject", "key"], name="audit_subject")
        ),
    )

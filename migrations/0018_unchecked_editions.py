"""Counts refer to editions, and series to zones, without a check or an index by PostgreSQL."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _unchecked(model: str) -> Any:
    return models.ForeignKey(
        f"clcplus.{model}",
        django.db.models.deletion.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0017_confidence_layers"),)

    operations = (
        migrations.AlterField("zonestatistics", "edition", _unchecked("edition")),
        migrations.AlterField("zonechange", "earlier", _unchecked("edition")),
        migrations.AlterField("zonechange", "later", _unchecked("edition")),
        migrations.AlterField("zoneseries", "zone", _unchecked("zone")),
    )

"""Confidence layers of editions, and presets of filtered change that use them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0016_unused_files"),)

    operations = (
        migrations.AddField(
            "edition",
            "confidence_hash",
            models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="ConfidenceTile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=6)),
                ("key", models.CharField(max_length=200)),
                ("row", models.IntegerField()),
                ("column", models.IntegerField()),
                ("height", models.IntegerField()),
                ("width", models.IntegerField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confidence_tiles",
                        to="clcplus.edition",
                    ),
                ),
            ],
            options={
                "ordering": ("edition", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "name"), name="confidence_tile_unique"
                    )
                ],
            },
        ),
        migrations.AddField(
            "filteredpair",
            "confidence",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=64), default=list
            ),
        ),
        migrations.AddField(
            "changepatch", "min_confidence", models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField("changepatch", "confidence", models.FloatField(null=True)),
        migrations.RemoveConstraint("changepatch", "change_patch_unique"),
        migrations.AddConstraint(
            "changepatch",
            models.UniqueConstraint(
                fields=("earlier", "later", "min_confidence", "number"),
                nulls_distinct=False,
                name="change_patch_unique",
            ),
        ),
    )

"""Movements of territories, as an official table has them. The reading role sees them."""

import django.db.models.deletion
from django.db import migrations, models

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON clcplus_movement TO clcplus_reader;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0025_token_scopes"),)

    operations = (
        migrations.AlterField(
            model_name="publication",
            name="event",
            field=models.CharField(
                choices=[
                    ("published", "edition published"),
                    ("withdrawn", "edition withdrawn"),
                    ("zones", "layer of zones activated"),
                    ("zone-set", "custom zones published, withdrawn or computed anew"),
                    ("series", "series of territories counted"),
                    ("population", "population imported"),
                    ("movements", "movements of territories imported"),
                    ("change", "change between two editions filtered"),
                    ("accuracy", "accuracy of an edition entered"),
                    ("sample", "reference sample published or withdrawn"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("step", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("merged", "merged"),
                            ("split", "split"),
                            ("divided", "divided among others"),
                            ("renamed", "renamed"),
                            ("recoded", "given another code"),
                            ("ended", "ended"),
                        ],
                        max_length=10,
                    ),
                ),
                ("former_code", models.CharField(max_length=40)),
                ("former_name", models.CharField(max_length=200)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="clcplus.level",
                    ),
                ),
            ],
            options={
                "ordering": ("level", "date", "step", "former_code", "code"),
                "indexes": [models.Index(fields=["level", "code", "date"], name="movement_later")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("level", "former_code", "date", "code"), name="movement_unique"
                    )
                ],
            },
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    )

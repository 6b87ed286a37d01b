"""Checkpoints, the predictions made with them, and the editions that these became."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The reading role sees what pages say of a modelled edition.
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON clcplus_checkpoint, clcplus_prediction TO clcplus_reader;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clcplus", "0003_zone_sets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(editable=False, max_length=64, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("architecture", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("bands", models.JSONField(default=list)),
                ("labels", models.JSONField(default=list)),
                ("training_areas", models.JSONField(default=list)),
                ("training_years", models.JSONField(default=list)),
                ("metrics", models.JSONField(default=dict)),
                ("temperature", models.FloatField(default=1.0)),
                ("registered_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("-registered_at",),
            },
        ),
        migrations.CreateModel(
            name="Prediction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("level", models.CharField(blank=True, max_length=40)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("territory_name", models.CharField(blank=True, max_length=200)),
                ("window", models.JSONField(default=dict)),
                ("composite", models.CharField(blank=True, max_length=400)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("composing", "composing the imagery"),
                            ("predicting", "predicting"),
                            ("evaluating", "evaluating"),
                            ("registered", "registered as an edition"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("evaluation", models.JSONField(default=dict)),
                ("areas", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("-run__created_at",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="edition",
            name="edition_version_unique",
        ),
        migrations.AlterField(
            model_name="run",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ingest", "ingest of an edition"),
                    ("count", "count of a layer of zones"),
                    ("register", "check of a source"),
                    ("zones", "computation of custom zones"),
                    ("predict", "prediction of an edition"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="checkpoint",
            name="registered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="checkpoint",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="editions",
                to="clcplus.checkpoint",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                fields=("product", "year", "origin", "version"), name="edition_version_unique"
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="checkpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predictions",
                to="clcplus.checkpoint",
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="edition",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="predictions",
                to="clcplus.edition",
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="run",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="prediction",
                to="clcplus.run",
            ),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]

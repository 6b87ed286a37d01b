"""Files in the place that is watched for new editions."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0019_entered_accuracy"),)

    operations = (
        migrations.CreateModel(
            name="WatchedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=400)),
                ("name", models.CharField(max_length=1000)),
                ("size", models.BigIntegerField()),
                ("stamp", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("reported", models.CharField(blank=True, max_length=400)),
                ("taken", models.BooleanField(default=False)),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="clcplus.run",
                    ),
                ),
            ],
            options={
                "ordering": ("place", "name"),
                "constraints": [
                    models.UniqueConstraint(fields=("place", "name"), name="watched_file_unique")
                ],
            },
        ),
    )

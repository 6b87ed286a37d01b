"""Accuracy of an edition that an administrator enters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0018_unchecked_editions"),)

    operations = (
        migrations.AlterField(
            "publication",
            "event",
            models.CharField(
                choices=[
                    ("published", "edition published"),
                    ("withdrawn", "edition withdrawn"),
                    ("zones", "layer of zones activated"),
                    ("zone-set", "custom zones published, withdrawn or computed anew"),
                    ("series", "series of territories counted"),
                    ("population", "population imported"),
                    ("change", "change between two editions filtered"),
                    ("accuracy", "accuracy of an edition entered"),
                    ("sample", "reference sample published or withdrawn"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            "edition", "accuracy", models.JSONField(editable=False, null=True)
        ),
    )

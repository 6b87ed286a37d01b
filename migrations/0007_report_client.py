"""Who asked for an open report, as a keyed hash: one client gets a share of the queue."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0006_plain_tokens"),)
    operations = (
        migrations.AddField(
            model_name="report",
            name="client",
            field=models.CharField(blank=True, default="", max_length=32),
            preserve_default=False,
        ),
    )

"""How the administration names several of a model."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0009_changed_cells"),)

    operations = (
        migrations.AlterModelOptions(
            name="tilechangesums",
            options={"verbose_name": "tile change sums", "verbose_name_plural": "tile change sums"},
        ),
        migrations.AlterModelOptions(
            name="tilesums",
            options={"verbose_name": "tile sums", "verbose_name_plural": "tile sums"},
        ),
        migrations.AlterModelOptions(
            name="zonebatch",
            options={"ordering": ("run", "number"), "verbose_name_plural": "zone batches"},
        ),
        migrations.AlterModelOptions(
            name="zonestatistics",
            options={"verbose_name": "zone statistics", "verbose_name_plural": "zone statistics"},
        ),
    )

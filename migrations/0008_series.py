"""Counts of cells over all editions at once, of zones and of 1 km tiles; the reading role sees them."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON clcplus_zoneseries, clcplus_tileseriessums TO clcplus_reader;
    END IF;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clcplus', '0007_report_client'),
    ]

    operations = [
        migrations.CreateModel(
            name='TileSeriesSums',
            fields=[
                ('pk', models.CompositePrimaryKey('tile', 'row', 'pattern', blank=True, editable=False, primary_key=True, serialize=False)),
                ('tile', models.CharField(max_length=6)),
                ('row', models.IntegerField()),
                ('pattern', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('first_column', models.IntegerField()),
                ('tiles', models.IntegerField()),
                ('sums', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
        ),
        migrations.AddField(
            model_name='editiontile',
            name='in_series',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('ingest', 'ingest of an edition'), ('count', 'count of a layer of zones'), ('register', 'check of a source'), ('zones', 'computation of custom zones'), ('predict', 'prediction of an edition'), ('series', 'count of series')], max_length=10),
        ),
        migrations.CreateModel(
            name='ZoneSeries',
            fields=[
                ('pk', models.CompositePrimaryKey('zone_id', 'tile', 'pattern', blank=True, editable=False, primary_key=True, serialize=False)),
                ('tile', models.CharField(blank=True, max_length=6)),
                ('pattern', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('cells', models.BigIntegerField()),
                ('zone', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
            ],
            options={
                'indexes': [models.Index(fields=['tile'], name='zone_series_tile')],
            },
        ),
        migrations.AlterField(
            model_name='publication',
            name='event',
            field=models.CharField(choices=[('published', 'edition published'), ('withdrawn', 'edition withdrawn'), ('zones', 'layer of zones activated'), ('zone-set', 'custom zones published, withdrawn or computed anew'), ('series', 'series of territories counted'), ('population', 'population imported')], max_length=10),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]

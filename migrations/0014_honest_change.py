"""Filtered change and its patches; reference samples, labels and estimates. The reading role sees
what readers are shown of them."""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON clcplus_filteredpair, clcplus_zonefilteredchange, clcplus_tilefilteredsums,
            clcplus_changepatch, clcplus_referencesample, clcplus_areaestimate TO clcplus_reader;
    END IF;
END $$
"""

# As those of the other running sums (migration 0002).
COMPRESS = """
DO $$ BEGIN
    ALTER TABLE clcplus_tilefilteredsums ALTER COLUMN sums SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this PostgreSQL was built without lz4; its default compression is used';
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clcplus', '0013_parts_without_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='publication',
            name='event',
            field=models.CharField(choices=[('published', 'edition published'), ('withdrawn', 'edition withdrawn'), ('zones', 'layer of zones activated'), ('zone-set', 'custom zones published, withdrawn or computed anew'), ('series', 'series of territories counted'), ('population', 'population imported'), ('change', 'change between two editions filtered'), ('sample', 'reference sample published or withdrawn')], max_length=10),
        ),
        migrations.CreateModel(
            name='ReferenceSample',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('stage', models.CharField(choices=[('drawing', 'being drawn'), ('labelling', 'being labelled'), ('published', 'published')], default='drawing', max_length=10)),
                ('design', models.CharField(choices=[('stratified', 'stratified random'), ('simple', 'simple random'), ('systematic', 'systematic'), ('two-stage', 'two-stage')], default='stratified', max_length=10)),
                ('points_total', models.PositiveIntegerField()),
                ('seed', models.PositiveBigIntegerField()),
                ('buffer_m', models.FloatField()),
                ('options', models.JSONField(default=dict)),
                ('second_opinion', models.FloatField(default=0)),
                ('source', models.CharField(blank=True, max_length=300)),
                ('synthetic', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('earlier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reference_samples', to=settings.AUTH_USER_MODEL)),
                ('territory', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
            ],
            options={
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='AreaEstimate',
            fields=[
                ('pk', models.CompositePrimaryKey('sample_id', 'zone_id', 'quantity', blank=True, editable=False, primary_key=True, serialize=False)),
                ('quantity', models.CharField(choices=[('sealed_before', "sealed in the earlier edition's year"), ('sealed_after', "sealed in the later edition's year"), ('gain', 'newly sealed'), ('loss', 'no longer sealed'), ('net', 'net change')], max_length=13)),
                ('value', models.FloatField()),
                ('se', models.FloatField()),
                ('ci_low', models.FloatField()),
                ('ci_high', models.FloatField()),
                ('status', models.CharField(max_length=12)),
                ('basis', models.CharField(choices=[('own', 'own sample'), ('assisted', 'model-assisted'), ('small-area', 'small-area model'), ('borrowed', 'borrowed from a larger territory')], max_length=10)),
                ('method', models.CharField(max_length=40)),
                ('points', models.PositiveIntegerField()),
                ('sealed_points', models.PositiveIntegerField()),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.referencesample')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SampleStratum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=40)),
                ('cells', models.BigIntegerField()),
                ('points', models.PositiveIntegerField()),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='strata', to='clcplus.referencesample')),
            ],
            options={
                'verbose_name_plural': 'sample strata',
                'ordering': ('sample', 'place'),
            },
        ),
        migrations.CreateModel(
            name='SamplePoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('location', django.contrib.gis.db.models.fields.PointField(srid=3035)),
                ('map_earlier', models.PositiveSmallIntegerField(null=True)),
                ('map_later', models.PositiveSmallIntegerField()),
                ('probability', models.FloatField()),
                ('unit', models.PositiveIntegerField(default=0)),
                ('opinions', models.PositiveSmallIntegerField(default=1)),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='clcplus.referencesample')),
                ('stratum', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.samplestratum')),
            ],
            options={
                'ordering': ('sample', 'number'),
            },
        ),
        migrations.CreateModel(
            name='TileFilteredSums',
            fields=[
                ('pk', models.CompositePrimaryKey('earlier_id', 'later_id', 'preset', 'tile', 'row', blank=True, editable=False, primary_key=True, serialize=False)),
                ('preset', models.CharField(max_length=20)),
                ('tile', models.CharField(max_length=6)),
                ('row', models.IntegerField()),
                ('first_column', models.IntegerField()),
                ('tiles', models.IntegerField()),
                ('sums', django.contrib.postgres.fields.ArrayField(base_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=2), size=None)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
            ],
            options={
                'verbose_name': 'tile filtered sums',
                'verbose_name_plural': 'tile filtered sums',
            },
        ),
        migrations.CreateModel(
            name='ZoneFilteredChange',
            fields=[
                ('pk', models.CompositePrimaryKey('earlier_id', 'later_id', 'zone_id', 'preset', blank=True, editable=False, primary_key=True, serialize=False)),
                ('preset', models.CharField(max_length=20)),
                ('gain', models.BigIntegerField()),
                ('loss', models.BigIntegerField()),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ZoneStrata',
            fields=[
                ('pk', models.CompositePrimaryKey('sample_id', 'zone_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('cells', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.referencesample')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
            ],
            options={
                'verbose_name': 'zone strata',
                'verbose_name_plural': 'zone strata',
            },
        ),
        migrations.CreateModel(
            name='ChangePatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('kind', models.PositiveSmallIntegerField(choices=[(1, 'gain'), (2, 'loss')])),
                ('former_class', models.PositiveSmallIntegerField()),
                ('later_class', models.PositiveSmallIntegerField()),
                ('cells', models.IntegerField()),
                ('side', models.IntegerField()),
                ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=3035)),
                ('shape', models.GeneratedField(db_persist=True, expression=models.Func(output_field=django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=3857), template='ST_Transform(geometry, 3857)'), output_field=django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=3857))),
                ('earlier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
            ],
            options={
                'verbose_name_plural': 'change patches',
                'ordering': ('earlier', 'later', 'number'),
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['shape'], name='change_patch_shape')],
                'constraints': [models.UniqueConstraint(fields=('earlier', 'later', 'number'), name='change_patch_unique')],
            },
        ),
        migrations.CreateModel(
            name='FilteredPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mask_key', models.CharField(max_length=200)),
                ('totals', models.JSONField(default=dict)),
                ('filtered_at', models.DateTimeField(auto_now=True)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
            ],
            options={
                'ordering': ('earlier', 'later'),
                'constraints': [models.UniqueConstraint(fields=('earlier', 'later'), name='filtered_pair_unique')],
            },
        ),
        migrations.CreateModel(
            name='PointLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('interpreter', models.CharField(max_length=80)),
                ('reference_earlier', models.PositiveSmallIntegerField(null=True)),
                ('reference_later', models.PositiveSmallIntegerField()),
                ('confidence', models.CharField(choices=[('high', 'sure'), ('medium', 'rather sure'), ('low', 'unsure')], default='high', max_length=6)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('origin', models.CharField(choices=[('page', 'labelled on the platform'), ('file', 'imported from a file')], max_length=4)),
                ('labelled_at', models.DateTimeField(auto_now=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='clcplus.samplepoint')),
            ],
            options={
                'ordering': ('point', 'labelled_at'),
                'constraints': [models.UniqueConstraint(fields=('point', 'interpreter'), name='point_label_unique')],
            },
        ),
        migrations.AddConstraint(
            model_name='samplestratum',
            constraint=models.UniqueConstraint(fields=('sample', 'place'), name='sample_stratum_unique'),
        ),
        migrations.AddConstraint(
            model_name='samplepoint',
            constraint=models.UniqueConstraint(fields=('sample', 'number'), name='sample_point_unique'),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
        migrations.RunSQL(COMPRESS, migrations.RunSQL.noop),
    ]

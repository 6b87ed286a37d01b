"""Custom zones: sets that administrators upload, their computation, and the log of who did what."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The reading role sees the figures of custom zones; uploads and accounts are none of its business.
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON clcplus_zonecover TO clcplus_reader;
    END IF;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clcplus', '0002_reader'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='level',
            name='custom',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name='publication',
            name='event',
            field=models.CharField(choices=[('published', 'edition published'), ('withdrawn', 'edition withdrawn'), ('zones', 'layer of zones activated'), ('zone-set', 'custom zones published, withdrawn or computed anew'), ('population', 'population imported')], max_length=10),
        ),
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('ingest', 'ingest of an edition'), ('count', 'count of a layer of zones'), ('register', 'check of a source'), ('zones', 'computation of custom zones')], max_length=10),
        ),
        migrations.CreateModel(
            name='ZoneCover',
            fields=[
                ('pk', models.CompositePrimaryKey('edition_id', 'zone_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('cells', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=14)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.edition')),
                ('zone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clcplus.zone')),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('account', models.CharField(max_length=150)),
                ('event', models.CharField(choices=[('uploaded', 'uploaded'), ('refused', 'refused'), ('accepted', 'accepted'), ('cancelled', 'computation cancelled'), ('published', 'published'), ('withdrawn', 'withdrawn'), ('shared', 'share link made'), ('revoked', 'share link revoked'), ('deleted', 'deleted')], max_length=10)),
                ('zone_set', models.UUIDField()),
                ('name', models.CharField(max_length=80)),
                ('details', models.JSONField(default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['zone_set'], name='audit_zone_set')],
            },
        ),
        migrations.CreateModel(
            name='ZoneBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('zones', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('cells', models.BigIntegerField()),
                ('state', models.CharField(choices=[('queued', 'queued'), ('done', 'done'), ('failed', 'failed')], default='queued', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=400)),
                ('failures', models.JSONField(default=list)),
                ('seconds', models.FloatField(null=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='clcplus.run')),
            ],
            options={
                'ordering': ('run', 'number'),
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='zone_batch_unique')],
            },
        ),
        migrations.CreateModel(
            name='ZoneSet',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('stage', models.CharField(choices=[('checking', 'being checked'), ('asking', 'waiting for an answer'), ('reported', 'checked'), ('refused', 'refused'), ('accepted', 'accepted')], default='checking', max_length=10)),
                ('kind', models.CharField(choices=[('file', 'file'), ('drawn', 'drawn on the map'), ('pasted', 'pasted')], max_length=10)),
                ('acceptance', models.CharField(choices=[('ask', 'the owner decides'), ('whole', 'all zones or none'), ('usable', 'without the zones that have an error')], default='ask', max_length=10)),
                ('file_name', models.CharField(max_length=200)),
                ('file_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('choice', models.JSONField(default=dict)),
                ('reading', models.JSONField(null=True)),
                ('refusal', models.JSONField(null=True)),
                ('percent', models.PositiveSmallIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('share_token', models.CharField(blank=True, db_index=True, max_length=43)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('layer', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='zone_set', to='clcplus.layer')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='zone_sets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-created_at',),
                'indexes': [models.Index(fields=['stage', 'changed_at'], name='zone_set_stage')],
            },
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]

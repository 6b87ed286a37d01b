"""Tokens have scopes. Those that are there already keep all; later ones read, unless more is said."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

import clcplus.models.api_token

_SCOPES = [
    ("read", "read what the account may see"),
    ("zones", "upload and change sets of zones; count areas with the account's rate"),
    ("samples", "label reference samples"),
    ("jobs", "cancel and resume jobs"),
]


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0024_audit_chain"),)
    operations = (
        migrations.AddField(
            "apitoken",
            "scopes",
            ArrayField(
                models.CharField(max_length=10, choices=_SCOPES),
                default=clcplus.models.api_token.reading,
                db_default=["read"],
            ),
        ),
        migrations.RunSQL(
            "UPDATE clcplus_apitoken SET scopes = '{read,zones,samples,jobs}'",
            migrations.RunSQL.noop,
        ),
    )

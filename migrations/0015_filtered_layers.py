"""A filtered pair says which layers of territories were counted."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0014_honest_change"),)

    operations = (
        migrations.AddField(
            "filteredpair",
            "layers",
            django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), default=list),
        ),
    )

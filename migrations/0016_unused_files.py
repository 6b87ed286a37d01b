"""Files in the store that nothing refers to, until they are removed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0015_filtered_layers"),)

    operations = (
        migrations.CreateModel(
            name="UnusedFile",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
            options={"ordering": ("since",)},
        ),
    )

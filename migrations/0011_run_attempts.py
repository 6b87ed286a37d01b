from django.db import migrations, models


class Migration(migrations.Migration):
    """Attempts at a prediction are those at its run, as of every run that is one unit."""

    dependencies = [
        ("clcplus", "0010_model_plurals"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveField(
            model_name="prediction",
            name="attempts",
        ),
    ]

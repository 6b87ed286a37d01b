"""Running sums of the cells that changed, beside those by former and later class."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Elements of a row are 121 a line, former class by former class; sealed is the first class.
FILL = """
UPDATE clcplus_tilechangesums AS stored
SET changed = (
    SELECT array_agg(ARRAY[observed, gained, lost] ORDER BY line)
    FROM (
        SELECT
            (number - 1) / 121 AS line,
            sum(cells)::integer AS observed,
            (sum(cells) FILTER (WHERE pair > 0 AND pair % 11 = 0))::integer AS gained,
            (sum(cells) FILTER (WHERE pair BETWEEN 1 AND 10))::integer AS lost
        FROM unnest(stored.sums) WITH ORDINALITY AS element (cells, number),
            LATERAL (SELECT (number - 1) % 121 AS pair) AS of_line
        GROUP BY 1
    ) AS lines
)
"""


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0008_series"),)
    operations = (
        migrations.AddField(
            model_name="tilechangesums",
            name="changed",
            field=ArrayField(ArrayField(models.IntegerField(), size=3), null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="tilechangesums",
            name="changed",
            field=ArrayField(ArrayField(models.IntegerField(), size=3)),
        ),
    )

"""The reading role sees what the read side reads, and no account, session or token; running sums are
compressed in the way that is quickest to undo."""

from django.db import migrations

READ = (
    "edition",
    "editiontile",
    "layer",
    "level",
    "placename",
    "population",
    "publication",
    "tilechangesums",
    "tilesums",
    "zone",
    "zonechange",
    "zonestatistics",
)
GRANT = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'clcplus_reader') THEN
        GRANT SELECT ON {", ".join(f"clcplus_{table}" for table in READ)} TO clcplus_reader;
    END IF;
END $$
"""

# A slice of an array undoes the whole of it: lz4 does so five times as fast as the default.
COMPRESS = """
DO $$ BEGIN
    ALTER TABLE clcplus_tilesums ALTER COLUMN sums SET COMPRESSION lz4;
    ALTER TABLE clcplus_tilechangesums ALTER COLUMN sums SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this PostgreSQL was built without lz4; its default compression is used';
END $$
"""


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0001_initial"),)
    operations = (
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
        migrations.RunSQL(COMPRESS, migrations.RunSQL.noop),
    )

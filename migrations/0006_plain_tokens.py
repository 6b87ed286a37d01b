"""Tokens that were stored in plain text become hashes, good for a year; their table goes.

Programs that use them go on working. The admin's own log had the keys as the names of its entries:
they are overwritten. What was hashed cannot be had back, so that the way back leaves it alone.
"""

from django.db import migrations

HASH = """
DO $$ BEGIN
    IF to_regclass('authtoken_token') IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO clcplus_apitoken
        (account_id, name, digest, beginning, created_at, expires_at)
    SELECT user_id, 'made before tokens were hashed',
        encode(sha256(convert_to(key, 'UTF8')), 'hex'), left(key, 6),
        created, now() + interval '1 year'
    FROM authtoken_token;
    DROP TABLE authtoken_token;
    DELETE FROM django_migrations WHERE app = 'authtoken';
    IF to_regclass('django_admin_log') IS NOT NULL THEN
        UPDATE django_admin_log SET object_repr = 'a token'
        WHERE content_type_id IN (
            SELECT id FROM django_content_type WHERE app_label = 'authtoken'
        );
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = (("clcplus", "0005_api_tokens"),)
    operations = (migrations.RunSQL(HASH, migrations.RunSQL.noop),)

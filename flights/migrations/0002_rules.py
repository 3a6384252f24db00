"""What Django's models cannot express: a flight's history can only be added to."""

from django.db import migrations

EVENTS_ARE_APPEND_ONLY = """
CREATE FUNCTION flights_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A flight''s history is append-only';
END
$$;
CREATE TRIGGER flight_events_are_append_only
    BEFORE UPDATE OR DELETE ON flights_flightevent
    FOR EACH ROW EXECUTE FUNCTION flights_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("flights", "0001_tables")]

    operations = [
        migrations.RunSQL(
            EVENTS_ARE_APPEND_ONLY,
            """
            DROP TRIGGER flight_events_are_append_only ON flights_flightevent;
            DROP FUNCTION flights_refuse_change;
            """,
        ),
    ]

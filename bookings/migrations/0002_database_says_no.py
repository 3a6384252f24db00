"""The two rules that Django's models cannot express."""

from django.db import migrations

# A claim may exist only for a booking in an owning state, and only for that booking's
# flight. Deferred, so that one transaction may change the state and give the seats back in
# either order; at its commit both must fit.
CLAIM_NEEDS_AN_OWNER = """
ALTER TABLE bookings_seatclaim
    ADD CONSTRAINT claim_needs_an_owner
    FOREIGN KEY (flight_id, booking_id, owned)
    REFERENCES bookings_booking (flight_id, id, owns_seats)
    DEFERRABLE INITIALLY DEFERRED;
"""

EVENTS_ARE_APPEND_ONLY = """
CREATE FUNCTION bookings_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A booking''s history is append-only';
END
$$;
CREATE TRIGGER events_are_append_only
    BEFORE UPDATE OR DELETE ON bookings_bookingevent
    FOR EACH ROW EXECUTE FUNCTION bookings_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [
        migrations.RunSQL(
            CLAIM_NEEDS_AN_OWNER,
            "ALTER TABLE bookings_seatclaim DROP CONSTRAINT claim_needs_an_owner",
        ),
        migrations.RunSQL(
            EVENTS_ARE_APPEND_ONLY,
            """
            DROP TRIGGER events_are_append_only ON bookings_bookingevent;
            DROP FUNCTION bookings_refuse_change;
            """,
        ),
    ]

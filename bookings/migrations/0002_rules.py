"""What Django's models cannot express: two constraints, and who may do what in the back office.

Everything is frozen here: a migration names no code of the project.
"""

from typing import Any

from django.contrib.auth.management import create_permissions
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

# Three groups to put logins into. From here on they are the airline's own: nobody who gives a
# role more or less is overruled by the next start.
AGENT = (
    "bookings.view_booking",
    "bookings.resend_confirmation",
    "bookings.move_seats",
    "flights.view_flight",
    "flights.view_airport",
    "flights.view_cabinlayout",
)
SUPERVISOR = (
    *AGENT,
    "bookings.view_ledgerentry",
    "bookings.terminate_booking",
    "bookings.retry_booking",
    "bookings.refund_booking",
    "bookings.block_seat",
    "flights.operate_flight",
    "admin.view_logentry",
)
ROLES = {"agent": AGENT, "supervisor": SUPERVISOR}
# An admin has all there is of these: also the users, the airports and the schedule.
ADMIN, ALL_OF = "admin", ("admin", "auth", "axes", "bookings", "flights")


def make_roles(apps: Any, schema_editor: Any = None) -> None:
    """Make the groups that are not there yet."""
    make_permissions(apps)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.select_related("content_type")
    known = {f"{each.content_type.app_label}.{each.codename}": each for each in permissions.all()}
    everything = [name for name in known if name.partition(".")[0] in ALL_OF]
    for role, names in {**ROLES, ADMIN: everything}.items():
        made, is_new = group.objects.get_or_create(name=role)
        if is_new:
            made.permissions.set([known[name] for name in names])


def make_permissions(apps: Any) -> None:
    """Django makes them only after all migrations; they are needed in this one."""
    for label in ALL_OF:
        config = apps.get_app_config(label)
        # What a migration has in place of an app does not say that it has models.
        if not hasattr(config, "models_module"):
            config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("bookings", "0001_tables"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("flights", "0002_rules"),
    ]

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
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]

"""Who may do what in the operators' room: three groups to put logins into.

Migration 0007 makes them, with their permissions, once. From then on they are the airline's
own: an admin who gives a role more or less is not overruled by the next start.
"""

from typing import Any

from django.contrib.auth.management import create_permissions

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
    """Make the groups that are not there yet. `apps`: those of a migration, or the real ones."""
    _make_permissions(apps)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.select_related("content_type")
    known = {f"{each.content_type.app_label}.{each.codename}": each for each in permissions.all()}
    everything = [name for name in known if name.partition(".")[0] in ALL_OF]
    for role, names in {**ROLES, ADMIN: everything}.items():
        made, is_new = group.objects.get_or_create(name=role)
        if is_new:
            made.permissions.set([known[name] for name in names])


def _make_permissions(apps: Any) -> None:
    """Django makes them only after all migrations; we need them in one."""
    for label in ALL_OF:
        config = apps.get_app_config(label)
        # What a migration has in place of an app does not say that it has models.
        if not hasattr(config, "models_module"):
            config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)

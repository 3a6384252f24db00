"""Who may correct and erase passengers in the back office."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "agent": ("correct_passengers",),
    "supervisor": ("correct_passengers", "forget_passengers"),
    "admin": ("correct_passengers", "forget_passengers"),
}
PERMISSIONS = [
    ("resend_confirmation", "Can send a confirmation again"),
    ("move_seats", "Can move a booking to other seats"),
    ("terminate_booking", "Can terminate an open booking"),
    ("retry_booking", "Can have a payment or a refund tried now"),
    ("refund_booking", "Can cancel a confirmed booking and refund it"),
    ("correct_passengers", "Can correct who travels"),
    ("forget_passengers", "Can erase who travelled"),
]


def give_to_roles(apps, schema_editor):
    """Roles were made once; whoever has done without one of them goes on without."""
    config = apps.get_app_config("bookings")
    if not hasattr(config, "models_module"):
        config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.add(*permissions.filter(codename__in=ROLES[group.name]))


class Migration(migrations.Migration):
    dependencies = [("bookings", "0007_fares")]

    operations = [
        migrations.AlterModelOptions(
            "booking", {"default_permissions": ("view",), "permissions": PERMISSIONS}
        ),
        migrations.RunPython(give_to_roles, migrations.RunPython.noop),
    ]

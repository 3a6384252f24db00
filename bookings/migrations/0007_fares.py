"""The fare of each booking; who may see and change fares in the back office."""

import django.db.models.deletion
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

# A customer chooses it with the seats. From the payment on it is what was sold.
FARE_STAYS = """
CREATE FUNCTION bookings_keep_fare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The fare of a booking stays once its payment has begun';
END
$$;
CREATE TRIGGER fare_stays_once_paid BEFORE UPDATE OF fare_id ON bookings_booking
    FOR EACH ROW
    WHEN (NEW.fare_id <> OLD.fare_id AND OLD.state NOT IN ('CREATED', 'SEATS_RESERVED'))
    EXECUTE FUNCTION bookings_keep_fare();
"""

ROLES = {
    "agent": ("view_fare",),
    "supervisor": ("view_fare",),
    "admin": ("add_fare", "change_fare", "view_fare"),
}


def give_to_roles(apps, schema_editor):
    """Roles were made once; whoever has done without one of them goes on without."""
    config = apps.get_app_config("flights")
    if not hasattr(config, "models_module"):
        config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        group.permissions.add(*permissions.filter(codename__in=ROLES[group.name]))


class Migration(migrations.Migration):
    dependencies = [("bookings", "0006_passengers"), ("flights", "0005_fares")]

    operations = [
        migrations.AddField(
            "booking",
            "fare",
            models.ForeignKey(
                db_default=models.Value(1),
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flights.fare",
            ),
        ),
        migrations.RunSQL(
            FARE_STAYS,
            "DROP TRIGGER fare_stays_once_paid ON bookings_booking; DROP FUNCTION bookings_keep_fare;",
        ),
        migrations.RunPython(give_to_roles, migrations.RunPython.noop),
    ]

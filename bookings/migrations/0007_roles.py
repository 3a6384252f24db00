"""The operators' three roles; see bookings/roles.py."""

from django.db import migrations

from bookings.roles import make_roles


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("bookings", "0006_operators_room"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("flights", "0002_flight_history"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]

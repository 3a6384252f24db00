from django.db import migrations, models
from django.db.models import Value

# A name for each seat, or none at all.
ONE_A_SEAT = """
ALTER TABLE bookings_booking ADD CONSTRAINT booking_one_passenger_a_seat
    CHECK (jsonb_array_length(passengers) IN (0, cardinality(seats)));
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0005_contact_words")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="passengers",
            field=models.JSONField(default=tuple, db_default=Value([], models.JSONField())),
        ),
        migrations.RunSQL(
            ONE_A_SEAT,
            "ALTER TABLE bookings_booking DROP CONSTRAINT booking_one_passenger_a_seat",
        ),
    ]

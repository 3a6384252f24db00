"""Messages of what was done to a flight: of its delays. Of those before, nobody is told any more."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("confirmation", "Confirmation"),
    ("payment_failed", "Payment failed"),
    ("cancelled", "Cancelled"),
    ("flight_delayed", "Flight delayed"),
    ("seats_changed", "Seats changed"),
    ("seats_cancelled", "Seats cancelled"),
    ("refund_asked", "Refund on its way"),
    ("refund_made", "Refund made"),
]
ONCE = "message_once_an_event"
UNTOLD = """
INSERT INTO bookings_message (booking_id, kind, number, flight_event_id)
SELECT b.id, 'flight_delayed', b.version, e.id
FROM flights_flightevent e
JOIN bookings_booking b ON b.flight_id = e.flight_id
WHERE e.name = 'delayed' AND b.state = 'CONFIRMED' AND b.email <> '';
"""
BACK = "DELETE FROM bookings_message WHERE kind = 'flight_delayed'"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0013_changes"), ("flights", "0005_fares")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=KINDS, max_length=30)),
        migrations.AddField(
            "message",
            "flight_event",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flights.flightevent",
            ),
        ),
        migrations.RemoveConstraint("message", ONCE),
        migrations.AddConstraint(
            "message",
            models.UniqueConstraint(
                fields=["booking", "kind", "number", "flight_event"],
                name=ONCE,
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(UNTOLD, BACK),
    ]

"""Messages of seats that changed or were given back. Of what happened before, nobody is told."""

from django.db import migrations, models

KINDS = [
    ("confirmation", "Confirmation"),
    ("payment_failed", "Payment failed"),
    ("cancelled", "Cancelled"),
    ("seats_changed", "Seats changed"),
    ("seats_cancelled", "Seats cancelled"),
    ("refund_asked", "Refund on its way"),
    ("refund_made", "Refund made"),
]
UNTOLD = """
INSERT INTO bookings_message (booking_id, kind, number)
SELECT b.id, told.kind, e.number
FROM (VALUES ('refunded', 'refund_made'), ('seats_cancelled', 'seats_cancelled'))
    AS told (event, kind)
JOIN bookings_bookingevent e ON e.name = told.event
JOIN bookings_booking b ON b.id = e.booking_id AND b.email <> ''
ON CONFLICT DO NOTHING;
"""
BACK = "DELETE FROM bookings_message WHERE kind IN ('seats_changed', 'seats_cancelled')"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0011_notices")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=KINDS, max_length=30)),
        migrations.RunSQL(UNTOLD, BACK),
    ]

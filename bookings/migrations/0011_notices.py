"""More kinds of messages. Of what has ended before there were any, nobody is told any more."""

from django.db import migrations, models

KINDS = [
    ("confirmation", "Confirmation"),
    ("payment_failed", "Payment failed"),
    ("cancelled", "Cancelled"),
    ("refund_asked", "Refund on its way"),
    ("refund_made", "Refund made"),
]
ENDED = """
INSERT INTO bookings_message (booking_id, kind, number)
SELECT b.id, told.kind, e.number
FROM (VALUES
    ('failed', 'payment_failed'), ('terminated', 'cancelled'),
    ('cancelled_for_refund', 'cancelled'), ('cancelled_as_quoted', 'cancelled')
) AS told (event, kind)
JOIN bookings_booking b ON b.state IN ('FAILED', 'CANCELLED') AND b.email <> ''
JOIN bookings_bookingevent e ON e.booking_id = b.id AND e.name = told.event;
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0010_refunds")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=KINDS, max_length=30)),
        migrations.RunSQL(ENDED, "DELETE FROM bookings_message WHERE kind <> 'confirmation'"),
    ]

"""One more kind of messages: that a hold is about to end."""

from django.db import migrations, models

KINDS = [
    ("confirmation", "Confirmation"),
    ("hold_ending", "Hold about to end"),
    ("payment_failed", "Payment failed"),
    ("cancelled", "Cancelled"),
    ("flight_delayed", "Flight delayed"),
    ("seats_changed", "Seats changed"),
    ("seats_cancelled", "Seats cancelled"),
    ("refund_asked", "Refund on its way"),
    ("refund_made", "Refund made"),
]
BACK = "DELETE FROM bookings_message WHERE kind = 'hold_ending'"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0014_delays")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=KINDS, max_length=30)),
        migrations.RunSQL(migrations.RunSQL.noop, BACK),
    ]

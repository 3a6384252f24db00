"""The outbox: messages to be delivered, with the confirmations that were columns of the booking."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# What waits goes on as it stood. Then what was sent, by its last event, and what nobody needed.
KEPT = """
INSERT INTO bookings_message (booking_id, kind, number, due_at, failing_since, error)
SELECT id, 'confirmation', version, confirmation_due_at, confirmation_failing_since,
    confirmation_error
FROM bookings_booking WHERE confirmation_due_at IS NOT NULL;
INSERT INTO bookings_message (booking_id, kind, number, sent_at)
SELECT booking_id, 'confirmation', max(number), max(at)
FROM bookings_bookingevent WHERE name = 'confirmation_sent' GROUP BY booking_id
ON CONFLICT DO NOTHING;
INSERT INTO bookings_message (booking_id, kind, number)
SELECT id, 'confirmation', version FROM bookings_booking b
WHERE state = 'CONFIRMED' AND email <> ''
    AND NOT EXISTS (SELECT FROM bookings_message m WHERE m.booking_id = b.id);
"""
BACK = """
UPDATE bookings_booking b SET confirmation_due_at = m.due_at,
    confirmation_failing_since = m.failing_since, confirmation_error = m.error
FROM bookings_message m
WHERE m.booking_id = b.id AND m.kind = 'confirmation' AND m.due_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0008_passenger_rights")]

    operations = [
        migrations.CreateModel(
            "Message",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("kind", models.CharField(choices=[("confirmation", "Confirmation")], max_length=30)),
                ("number", models.PositiveIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0, db_default=0)),
                ("error", models.CharField(blank=True, default="", db_default="", max_length=200)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "booking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="bookings.booking",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index("due_at", name="message_due", condition=Q(due_at__isnull=False))
                ],
                "constraints": [
                    models.UniqueConstraint(
                        "booking", "kind", "number", name="message_once_an_event"
                    ),
                    models.CheckConstraint(
                        condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
                        name="message_sent_is_not_due",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, BACK),
        migrations.RemoveIndex("booking", "booking_confirmation_due"),
        migrations.RemoveField("booking", "confirmation_due_at"),
        migrations.RemoveField("booking", "confirmation_failing_since"),
        migrations.RemoveField("booking", "confirmation_error"),
    ]

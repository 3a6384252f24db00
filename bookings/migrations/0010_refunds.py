"""Refunds of a part of what was charged, and what is kept of it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q, Value

# Until now a booking cost the same from its first attempt on.
AMOUNTS = """
UPDATE bookings_paymentattempt a SET amount_cents = b.total_cents
FROM bookings_booking b WHERE b.id = a.booking_id;
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0009_outbox")]

    operations = [
        migrations.AddField(
            "paymentattempt",
            "amount_cents",
            models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(AMOUNTS, migrations.RunSQL.noop),
        migrations.AddField(
            "booking", "kept_cents", models.IntegerField(default=0, db_default=0)
        ),
        migrations.AddField(
            "ledgerentry",
            "refunds",
            models.JSONField(default=dict, db_default=Value({}, models.JSONField())),
        ),
        migrations.CreateModel(
            "Refund",
            [
                ("key", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("charge", models.CharField(max_length=60)),
                ("amount_cents", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="bookings.booking",
                    ),
                ),
            ],
            options={
                "ordering": ["number", "key"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(amount_cents__gt=0), name="refund_is_of_something"
                    )
                ],
            },
        ),
        migrations.RemoveConstraint("booking", "booking_confirmed_means_charged"),
        migrations.AddConstraint(
            "booking",
            models.CheckConstraint(
                condition=Q(
                    state="CONFIRMED",
                    payment_status__in=("charged", "refund_due"),
                    record_locator__isnull=False,
                )
                | Q(state="CANCELLED")
                | (~Q(state="CONFIRMED") & ~Q(payment_status="charged")),
                name="booking_confirmed_means_charged",
            ),
        ),
        migrations.AddConstraint(
            "booking",
            models.CheckConstraint(
                condition=Q(kept_cents__gte=0)
                | Q(state="CONFIRMED", total_cents__gte=0 - F("kept_cents")),
                name="booking_gives_back_what_it_has",
            ),
        ),
    ]

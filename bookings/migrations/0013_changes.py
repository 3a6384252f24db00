"""Changes of seats: bookings of their own, which a paid booking takes its new seats from."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0012_more_notices"),
        ("flights", "0005_fares"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="bookings.booking",
                    ),
                ),
                ("layout", models.CharField(max_length=40)),
                (
                    "before",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4)
                    ),
                ),
                (
                    "replaced",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4)
                    ),
                ),
                ("new_total_cents", models.PositiveIntegerField()),
                ("back_cents", models.PositiveIntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_known_state",
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_confirmed_means_charged",
        ),
        migrations.RemoveIndex(
            model_name="booking",
            name="booking_not_open",
        ),
        migrations.AddField(
            model_name="booking",
            name="change_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="bookings.booking",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="state",
            field=models.CharField(
                choices=[
                    ("CREATED", "Created"),
                    ("SEATS_RESERVED", "Seats Reserved"),
                    ("PAYMENT_PROCESSING", "Payment Processing"),
                    ("CONFIRMED", "Confirmed"),
                    ("FAILED", "Failed"),
                    ("EXPIRED", "Expired"),
                    ("CANCELLED", "Cancelled"),
                    ("CHANGED", "Changed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                models.F("change_of"),
                condition=models.Q(("change_of__isnull", False)),
                name="booking_change",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                models.F("state"),
                models.F("created_at"),
                condition=models.Q(
                    ("state__in", ("CONFIRMED", "FAILED", "EXPIRED", "CANCELLED", "CHANGED"))
                ),
                name="booking_not_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.UniqueConstraint(
                models.F("change_of"),
                condition=models.Q(
                    ("change_of__isnull", False),
                    ("state__in", ("CREATED", "SEATS_RESERVED", "PAYMENT_PROCESSING")),
                ),
                name="booking_one_open_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("change_of__isnull", True)),
                        models.Q(("state", "CHANGED"), _negated=True),
                    ),
                    models.Q(
                        models.Q(("change_of__isnull", False)),
                        models.Q(("state", "CONFIRMED"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="booking_changed_or_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "CREATED",
                            "SEATS_RESERVED",
                            "PAYMENT_PROCESSING",
                            "CONFIRMED",
                            "FAILED",
                            "EXPIRED",
                            "CANCELLED",
                            "CHANGED",
                        ],
                    ),
                    ("payment_status__in", ["none", "charged", "refund_due", "refunded"]),
                ),
                name="booking_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("payment_status__in", ("charged", "refund_due")),
                        ("record_locator__isnull", False),
                        ("state", "CONFIRMED"),
                    ),
                    ("state__in", ("CANCELLED", "CHANGED")),
                    models.Q(
                        models.Q(("state", "CONFIRMED"), _negated=True),
                        models.Q(("payment_status", "charged"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="booking_confirmed_means_charged",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="from_flight",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flights.flight",
            ),
        ),
    ]

"""Fares, and the three that there are from the start. Nobody is sold anything by them yet."""

import django.core.validators
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q

FARES = """
INSERT INTO flights_fare
    (id, code, name, percent, refund_percent, refund_hours, change_fee_percent, on_sale)
VALUES
    (1, 'standard', 'Standard', 100, 70, 24, 10, true),
    (2, 'light', 'Light', 85, 0, 0, 30, true),
    (3, 'flex', 'Flex', 130, 100, 2, 0, true);
ALTER TABLE flights_fare ALTER COLUMN id RESTART WITH 4;
"""
# Bookings were sold by it. Only its sale can end.
FARES_STAY = """
CREATE FUNCTION flights_keep_fare() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.on_sale OR to_jsonb(NEW) - 'on_sale' <> to_jsonb(OLD) - 'on_sale'
    THEN
        RAISE EXCEPTION 'A fare stays as it was sold';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER fares_stay BEFORE UPDATE OR DELETE ON flights_fare
    FOR EACH ROW EXECUTE FUNCTION flights_keep_fare();
"""


def per_cent(name, least, most):
    limits = [
        django.core.validators.MinValueValidator(least),
        django.core.validators.MaxValueValidator(most),
    ]
    return models.PositiveSmallIntegerField(validators=limits, verbose_name=name)


class Migration(migrations.Migration):
    dependencies = [("flights", "0004_codeshares_of_imports")]

    operations = [
        migrations.CreateModel(
            name="Fare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9-]{0,19}\\Z", "A code is small letters, like light."
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=30)),
                ("percent", per_cent("price (% of the seat's)", 1, 1000)),
                ("refund_percent", per_cent("refunded when cancelled (%)", 0, 100)),
                (
                    "refund_hours",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(8760)],
                        verbose_name="refunded until so many hours before departure",
                    ),
                ),
                ("change_fee_percent", per_cent("fee for a change (% of what was paid)", 0, 100)),
                ("on_sale", models.BooleanField(default=True)),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "default_permissions": ("add", "change", "view"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("code"),
                        condition=Q(on_sale=True),
                        name="fare_sold_once",
                        violation_error_message="There is a fare with this code already.",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            percent__range=(1, 1000),
                        ) & Q(refund_percent__lte=100) & Q(refund_hours__lte=8760) & Q(change_fee_percent__lte=100),
                        name="fare_in_bounds",
                    ),
                    models.CheckConstraint(
                        condition=~Q(code="standard") | Q(percent=100),
                        name="fare_standard_is_the_price",
                        violation_error_message="Standard costs what the seat costs: 100 %.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            FARES + FARES_STAY,
            "DROP TRIGGER fares_stay ON flights_fare; DROP FUNCTION flights_keep_fare;",
        ),
    ]

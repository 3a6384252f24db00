"""What operators do to flights: a history that can only be added to, and cancellation."""

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

EVENTS_ARE_APPEND_ONLY = """
CREATE FUNCTION flights_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A flight''s history is append-only';
END
$$;
CREATE TRIGGER flight_events_are_append_only
    BEFORE UPDATE OR DELETE ON flights_flightevent
    FOR EACH ROW EXECUTE FUNCTION flights_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("flights", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="FlightEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=30)),
                ("by", models.CharField(max_length=160)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "changes",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "flight",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="flights.flight",
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddIndex(
            model_name="flightevent",
            index=models.Index(fields=["flight", "id"], name="flight_event_by_flight"),
        ),
        migrations.RunSQL(
            EVENTS_ARE_APPEND_ONLY,
            """
            DROP TRIGGER flight_events_are_append_only ON flights_flightevent;
            DROP FUNCTION flights_refuse_change;
            """,
        ),
        migrations.AlterModelOptions(
            name="flight",
            options={
                "permissions": [
                    (
                        "operate_flight",
                        "Can close, reopen, delay and cancel flights and swap aircraft",
                    )
                ]
            },
        ),
        migrations.AddField(
            model_name="flight",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="flight",
            name="unwinding",
            field=models.BooleanField(default=False, db_default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="flight",
            index=models.Index(
                fields=["id"], name="flight_unwinding", condition=Q(unwinding=True)
            ),
        ),
        migrations.AddConstraint(
            model_name="flight",
            constraint=models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, unwinding=False)
                | Q(cancelled_at__isnull=False, on_sale=False),
                name="flight_cancelled_is_not_sold",
                violation_error_message="A cancelled flight is not sold again.",
            ),
        ),
    ]

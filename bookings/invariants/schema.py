"""The constraints that make Postgres say no: a promise is broken as soon as one is missing."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

# Of the migrations, which no model declares.
BY_HAND = (
    ("bookings_seatclaim", "claim_needs_an_owner"),
    ("bookings_booking", "booking_one_passenger_a_seat"),
    ("bookings_booking", "fare_stays_once_paid"),
    ("bookings_bookingevent", "events_are_append_only"),
    ("flights_flightevent", "flight_events_are_append_only"),
    ("flights_fare", "fares_stay"),
)

MISSING = """
SELECT 'Table ' || e.relation, 'lacks, or does not enforce, ' || e.rule
FROM unnest(%(guarded_tables)s::text[], %(rules)s::text[]) AS e (relation, rule)
WHERE NOT EXISTS (
    SELECT FROM pg_constraint c
    WHERE c.conrelid = to_regclass(e.relation) AND c.convalidated
      AND e.rule IN (c.conname, pg_get_constraintdef(c.oid))
) AND NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = to_regclass(e.relation) AND i.indisunique AND i.indisvalid
      AND c.relname = e.rule
) AND NOT EXISTS (
    SELECT FROM pg_trigger t
    WHERE t.tgrelid = to_regclass(e.relation) AND t.tgname = e.rule
)
UNION ALL
-- Foreign keys are triggers too.
SELECT 'Table ' || tgrelid::regclass, 'has its trigger ' || tgname || ' switched off'
FROM pg_trigger
WHERE tgenabled IN ('D', 'R')
  AND tgrelid IN (SELECT to_regclass(relation) FROM unnest(%(guarded_tables)s::text[]) relation)
"""


def params() -> dict[str, list[str]]:
    """Every rule the models and migrations declare, as two columns: table, rule."""
    rules = [*BY_HAND]
    for model in apps.get_app_config("bookings").get_models():
        rules += [(model._meta.db_table, rule) for rule in _rules(model)]
    return {
        "guarded_tables": [table for table, _ in rules],
        "rules": [rule for _, rule in rules],
    }


def _rules(model: type[models.Model]) -> Iterator[str]:
    """By name; a constraint without a name of ours as Postgres writes its definition."""
    yield f"PRIMARY KEY ({', '.join(str(field.column) for field in model._meta.pk_fields)})"
    yield from (constraint.name for constraint in model._meta.constraints)
    for field in model._meta.local_concrete_fields:
        yield from _rules_of_field(field)


def _rules_of_field(field: "models.Field[Any, Any]") -> Iterator[str]:
    if field.unique and not field.primary_key:
        yield f"UNIQUE ({field.column})"
    if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True):
        target = field.target_field
        yield (
            f"FOREIGN KEY ({field.column}) REFERENCES {target.model._meta.db_table}"
            f"({target.column}) DEFERRABLE INITIALLY DEFERRED"
        )

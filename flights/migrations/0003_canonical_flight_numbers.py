"""One spelling for each flight number: ZZ0012 becomes ZZ12. Where both fly on a day, the second
becomes ZZ12A: it keeps its bookings, and its history and the log say so."""

import logging
from string import ascii_uppercase

from django.core.management.base import CommandError
from django.db import migrations, models

log = logging.getLogger("flights")

SPELLING = r"\A([A-Z]{2,3}|[A-Z][0-9]|[0-9][A-Z])([1-9][0-9]{0,3}[A-Z]?)\Z"

# Whichever the spelling of two, the older flight keeps the number.
RESPELL = r"""
WITH odd AS (
    SELECT id, departure_date, regexp_replace(number, '\A(..)0+', '\1') AS plain
    FROM flights_flight WHERE number !~ %(spelling)s
), first AS (
    SELECT DISTINCT ON (departure_date, plain) * FROM odd ORDER BY departure_date, plain, id
)
UPDATE flights_flight f SET number = first.plain FROM first
WHERE f.id = first.id AND first.plain ~ %(spelling)s AND NOT EXISTS (
    SELECT FROM flights_flight there
    WHERE there.departure_date = first.departure_date AND there.number = first.plain
)
"""
LEFT = "SELECT id, number, departure_date FROM flights_flight WHERE number !~ %(spelling)s ORDER BY id"
# The first number with a letter that nobody has that day.
FREE = r"""
SELECT stem || letter
FROM flights_flight odd, unnest(%(letters)s::text[]) AS letter,
    regexp_replace(odd.number, '\A(..)0*([0-9]+).*', '\1\2') AS stem
WHERE odd.id = %(id)s AND stem || letter ~ %(spelling)s AND NOT EXISTS (
    SELECT FROM flights_flight there
    WHERE there.departure_date = odd.departure_date AND there.number = stem || letter
)
ORDER BY letter LIMIT 1
"""
RENUMBER = """
WITH told AS (
    INSERT INTO flights_flightevent (flight_id, at, name, by, reason, changes)
    VALUES (%(id)s, clock_timestamp(), 'renumbered', 'migration', %(reason)s,
            jsonb_build_object('number', %(number)s::text))
)
UPDATE flights_flight SET number = %(number)s WHERE id = %(id)s
"""
NONE = (
    "Flights have numbers that are none ({}). Nothing was changed. Give each one that is, like "
    "AF1234, with the version before: UPDATE flights_flight SET number = '…' WHERE id = …"
)


def respell(apps, schema_editor):
    values = {"spelling": SPELLING, "letters": [*ascii_uppercase]}
    none = []
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(RESPELL, values)
        cursor.execute(LEFT, values)
        for pk, number, day in cursor.fetchall():
            cursor.execute(FREE, {**values, "id": pk})
            if (free := cursor.fetchone()) is None:
                none.append(f"{number}, id {pk}")
                continue
            reason = f"Was {number}, and another flight of {day} had its number."
            cursor.execute(RENUMBER, {"id": pk, "number": free[0], "reason": reason})
            log.warning("Flight %s of %s is %s now: %s", pk, day, free[0], reason)
        # Before the table is altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    if none:
        raise CommandError(NONE.format("; ".join(none[:20])))


class Migration(migrations.Migration):
    dependencies = [("flights", "0002_rules")]

    operations = [
        migrations.AlterField("flight", "number", models.CharField(max_length=8)),
        migrations.RunPython(respell, migrations.RunPython.noop),
        migrations.AddConstraint(
            "flight",
            models.CheckConstraint(
                condition=models.Q(number__regex=SPELLING), name="flight_number_has_one_spelling"
            ),
        ),
    ]

"""A schedule file in pieces: looked at first, then written, and gone on with after a crash."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from flights.models import Flight, ScheduleImport
from flights.schedule import file, import_job
from flights.schedule.import_job import LOCK, go_on, start_writing
from tests.flights.places import a_flight, a_layout, an_airport, utc

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "number,origin,destination,departure,arrival,layout,base_fare"
BY = "operator:olga"


@pytest.fixture(autouse=True)
def places(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("CDG", "JFK"):
        an_airport(code)
    a_layout()
    monkeypatch.setattr(import_job, "BATCH", 2)


def row(number: str, hour: int = 10, fare: str = "129.50") -> str:
    return f"{number},CDG,JFK,2030-01-15 {hour}:00,2030-01-15 13:00,small,{fare}"


def sent(*rows: str, update: bool = False, header: str = HEADER) -> ScheduleImport:
    content = "\n".join([header, *rows]).encode()
    return ScheduleImport.objects.create(
        by=BY, file_name="winter.csv", content=content, update=update, lines=len(rows) + 1
    )


def now(one: ScheduleImport) -> ScheduleImport:
    one.refresh_from_db()
    return one


def counts(one: ScheduleImport) -> tuple[str, int, int, int, int]:
    one.refresh_from_db()
    return one.stage, one.new, one.updated, one.unchanged, one.bad


def test_a_file_is_checked_and_nothing_written() -> None:
    one = sent(row("FB1"), row("FB2"), "nonsense", row("FB3"))
    go_on(one.pk)
    assert counts(one) == ("checked", 3, 0, 0, 1)
    assert one.bad_rows == [[4, "it has 1 of the 7 values that the header names."]]
    assert one.done == one.lines == 5
    assert not Flight.objects.exists()


def test_what_would_change_is_shown_field_by_field() -> None:
    a_flight(
        "FB1",
        departure=utc("2030-01-15T09:00"),
        arrival=utc("2030-01-15T18:00"),
        base_fare_cents=10_000,
    )
    one = sent(row("FB1", hour=11), update=True)
    go_on(one.pk)
    assert counts(one) == ("checked", 0, 1, 0, 0)
    [[line, name, differences]] = one.changes
    assert (line, name) == (2, "FB1 CDG-JFK 2030-01-15")
    assert differences == [
        ["departure", "2030-01-15 09:00 UTC", "2030-01-15 10:00 UTC"],
        ["base_fare", "100.00 EUR", "129.50 EUR"],
    ]
    assert Flight.objects.get().base_fare_cents == 10_000


def test_what_was_checked_is_written_with_who_did_it() -> None:
    flight = a_flight("FB1", departure=utc("2030-01-15T09:00"), arrival=utc("2030-01-15T18:00"))
    one = sent(row("FB1"), row("FB2"), row("FB3"), row("FB4"), update=True)
    go_on(one.pk)
    assert start_writing(one.pk, by="operator:max")
    assert not start_writing(one.pk, by="operator:olga")
    go_on(one.pk)
    assert counts(one) == ("done", 3, 1, 0, 0)
    assert bytes(now(one).content) == b""
    assert Flight.objects.count() == 4
    event = flight.events.get()
    assert (event.name, event.by, event.changes) == (
        "imported",
        "operator:max",
        {"base_fare_cents": 12_950, "currency": "EUR"},
    )


def test_after_a_crash_it_begins_behind_the_last_line_that_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = sent(row("FB1"), "bad", row("FB2"), row("FB3"), "bad too", row("FB4"), row("FB5"))
    go_on(one.pk)
    start_writing(one.pk, by=BY)

    def dies(batch: Any, *args: Any, **kwargs: Any) -> None:
        if batch.new[0].number == "FB3":
            raise SystemExit
        file.write(batch, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(import_job, "write", dies)
        with pytest.raises(SystemExit):
            go_on(one.pk)
    assert Flight.objects.count() == 2
    assert counts(one) == ("writing", 2, 0, 0, 1)
    go_on(one.pk)
    assert Flight.objects.count() == 5
    assert counts(one) == ("done", 5, 0, 0, 2)
    assert [line for line, _ in one.bad_rows] == [3, 6]


def test_two_workers_do_not_do_it_twice() -> None:
    one = sent(row("FB1"))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s::int, %s::int)", [LOCK, one.pk])
            go_on(one.pk)
            assert counts(one)[0] == "checking"
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    go_on(one.pk)
    assert counts(one)[0] == "checked"


def test_a_file_that_cannot_be_read_is_refused_with_the_reason() -> None:
    one = sent(row("FB1"), header="number,origin")
    go_on(one.pk)
    assert now(one).stage == "refused"
    assert "lacks destination" in one.refusal
    assert not start_writing(one.pk, by=BY)


def test_a_cancelled_flight_is_not_imported_back() -> None:
    a_flight(
        "FB1",
        departure=utc("2030-01-15T09:00"),
        arrival=utc("2030-01-15T18:00"),
        on_sale=False,
        cancelled_at=dt.datetime.now(dt.UTC),
    )
    one = sent(row("FB1") + ",yes", header=HEADER + ",on_sale", update=True)
    go_on(one.pk)
    assert counts(one) == ("checked", 0, 0, 0, 1)
    assert "is cancelled" in one.bad_rows[0][1]

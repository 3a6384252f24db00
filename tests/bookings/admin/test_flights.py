"""The operators' page of a flight: who sits where, what became of a seat, and what may be done."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import saga
from bookings.invariants import broken
from bookings.models import SeatClaim, State
from flights.models import Flight
from tests.bookings.admin.flight_pages import WHY, address, block, page, somebody
from tests.bookings.admin.staff import edit
from tests.people import (
    a_confirmed_booking,
    a_hold,
    a_payment,
    run_out,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_says_who_sits_where_since_when(olga: Client, flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A"), a_hold(flight, "2B")
    a_payment(flight, "3C")
    block(olga, flight, "4D", reason="broken <b>")
    said = olga.get(page(flight))
    seats = said.context["seats"]
    assert seats["1A"][0] == "booked"
    assert f"booked by {alice.record_locator} since " in seats["1A"][1]
    assert seats["2B"][0] == "held"
    assert str(bob.pk)[:8] in seats["2B"][1]
    assert ", until " in seats["2B"][1]
    assert seats["3C"][0] == "paying"
    assert seats["4D"] == ("blocked", "blocked: broken <b>")
    html = said.content.decode()
    assert 'value="1A" data-state="booked"' in html
    assert "blocked: broken &lt;b&gt;" in html
    assert "broken <b>" not in html
    assert "<b>176</b> of 180 free" in html


def test_the_passengers_name_is_said(olga: Client, flight: Flight) -> None:
    hold = a_hold(flight, "1A")
    saga.start_payment(
        booking_id=hold.pk, code="00000", name="Ada Lovelace", email="ada@example.org"
    )
    assert "Ada Lovelace" in olga.get(page(flight)).context["seats"]["1A"][1]


def test_whoever_may_not_see_bookings_sees_no_passenger(flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    vera = somebody("view_flight")
    said = vera.get(page(flight))
    assert said.context["seats"]["1A"] == ("booked", "booked")
    assert str(alice.record_locator) not in said.content.decode()
    assert vera.get(address("seat", flight), {"seat": "1A"}).status_code == 403


def test_a_seats_history_is_told_newest_first(olga: Client, flight: Flight) -> None:
    expired = a_hold(flight, "1A")
    run_out(expired)
    saga.sweep()
    cancelled = a_hold(flight, "1A", "1B")
    saga.update_seats(booking_id=cancelled.pk, seats=["1B"])
    block(olga, flight, "1A", reason="wet")
    block(olga, flight, "1A", name="unblock", reason="dry")
    booked = a_confirmed_booking(flight, "1A")
    saga.cancel_and_refund(booking_id=booked.pk, by="operator:olga", reason="Ill")
    saga.block_seats(flight_id=flight.pk, seats=["1A"], by="operator:olga", reason="broken")
    answer = olga.get(address("seat", flight), {"seat": "1A"})
    told = [(line.what, line.why) for line in answer.context["lines"]]
    assert told == [
        ("blocked", "broken"),
        ("free again: cancelled for refund", "Ill"),
        ("confirmed", told[2][1]),
        ("payment started", ""),
        ("held", ""),
        ("unblocked", "dry"),
        ("blocked", "wet"),
        ("free again: held", ""),
        ("held", ""),
        ("free again: expired", ""),
        ("held", ""),
    ]
    html = answer.content.decode()
    assert "by operator:olga: broken" in html
    assert str(booked.pk) in html
    # 1B has a shorter history, and 1C none.
    other = olga.get(address("seat", flight), {"seat": "1B"}).context["lines"]
    assert [line.what for line in other] == ["held"]
    assert "Nobody has had it" in olga.get(address("seat", flight), {"seat": "1C"}).content.decode()
    assert olga.get(address("seat", flight), {"seat": "99Z"}).status_code == 404


def test_the_page_takes_the_same_queries_whatever_is_on_the_flight(
    olga: Client, flight: Flight
) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert olga.get(address).status_code == 200
        return len(captured)

    addresses = [page(flight), address("now", flight), address("seat", flight) + "?seat=1A"]
    a_confirmed_booking(flight, "1A")
    saga.block_seats(flight_id=flight.pk, seats=["30A"], by="operator:olga", reason="crew")
    olga.get(page(flight))
    few = [queries(each) for each in addresses]
    for row in range(2, 25):
        a_confirmed_booking(flight, f"{row}A", f"{row}B") if row % 4 == 0 else a_hold(
            flight, f"{row}A", f"{row}B"
        )
        saga.block_seats(flight_id=flight.pk, seats=[f"{row}F"], by="operator:olga", reason="crew")
    for _ in range(4):
        saga.cancel(booking_id=a_hold(flight, "1B").pk)
    assert [queries(each) for each in addresses] == few
    assert few[0] <= 14
    assert few[1] <= 9
    assert few[2] <= 8


def test_what_changes_is_fetched_again_by_itself(olga: Client, flight: Flight) -> None:
    a_hold(flight, "1A")
    html = olga.get(address("now", flight)).content.decode()
    assert "<html" not in html
    assert "<b>1</b> held" in html
    assert olga.get(reverse("admin:flights_flight_now", args=[0])).status_code == 404
    assert somebody().get(address("now", flight)).status_code == 403


def test_chosen_seats_are_blocked_and_freed_again(olga: Client, flight: Flight) -> None:
    said = block(olga, flight, "1A", "1B")
    assert "Block 1A, 1B: done for" in said
    assert SeatClaim.objects.count() == 2
    [entry] = LogEntry.objects.all()
    assert entry.get_change_message() == f"Block 1A, 1B: {WHY}"
    assert "Unblock 1A: done for" in block(olga, flight, "1A", name="unblock", reason="")
    assert [claim.seat for claim in SeatClaim.objects.all()] == ["1B"]
    assert list(broken()) == []


@pytest.mark.parametrize(
    ("name", "seats", "reason", "why"),
    [
        ("block", ["12A"], WHY, "has just been taken"),
        ("block", [], WHY, "Choose seats on the map first"),
        ("block", ["1A"], "", "Reason: This field is required"),
        ("block", ["99Z"], WHY, "no seat 99Z"),
        ("block", ["1C\0"], WHY, "no seat 1C"),
        ("unblock", ["1C\0"], "", "no seat 1C"),
        ("block", [""], WHY, "Choose seats on the map first"),
        ("block", ["1A"], "\u202efdp", "letters that can be printed"),
        ("unblock", ["12A"], WHY, "Not blocked: 12A"),
    ],
)
def test_what_cannot_be_blocked_or_freed_is_refused_with_the_reason(
    olga: Client, flight: Flight, name: str, seats: list[str], reason: str, why: str
) -> None:
    a_hold(flight, "12A")
    assert why in block(olga, flight, *seats, name=name, reason=reason)
    assert not SeatClaim.objects.filter(booking=None).exists()
    assert not flight.events.exists()


def test_only_the_fare_is_edited_and_it_is_written_down(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight, "1A")
    saga.close_flight(flight_id=flight.pk, by="operator:olga")
    data = {"base_fare": "300", "currency": "EUR", "on_sale": "on", "layout": "none"}
    assert edit(olga, page(flight), **data).status_code == 302
    now = Flight.objects.get()
    assert (now.base_fare_cents, now.on_sale, now.layout_id) == (30000, False, "test-320")
    event = flight.events.last()
    assert event is not None
    assert (event.name, event.by, event.changes) == (
        "edited",
        "operator:olga",
        {"base_fare_cents": 30000, "currency": "EUR"},
    )
    # Whoever holds a seat pays what was said.
    assert standing(alice)[0] == State.SEATS_RESERVED
    assert list(broken()) == []

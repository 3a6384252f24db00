"""The operators' page of a flight: who sits where, what became of a seat, and what may be done."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import saga
from bookings.admin.flights.operations import OPERATIONS
from bookings.admin.flights.page import FlightWithLoadAdmin
from bookings.invariants import broken
from bookings.models import SeatClaim, State
from flights.models import CabinLayout, Flight
from tests.people import (
    LAYOUT,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    owned,
    run_out,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "Fog in Paris"
LIST = "/admin/flights/flight/"


def somebody(*permissions: str) -> Client:
    """The browser of a member of staff with these permissions."""
    user = User.objects.create_user("vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(flight: Flight) -> str:
    return reverse("admin:flights_flight_change", args=[flight.pk])


def address(name: str, flight: Flight) -> str:
    return reverse(f"admin:flights_flight_{name}", args=[flight.pk])


def act(client: Client, name: str, *flights: Flight, **more: Any) -> str:
    """What the page says after an operation."""
    data = {"ids": [flight.pk for flight in flights], "reason": WHY, **more}
    where = reverse("admin:flights_flight_act", args=[name])
    return client.post(where, data, follow=True).content.decode()


def block(
    client: Client, flight: Flight, *seats: str, name: str = "block", reason: str = WHY
) -> str:
    data = {"seats": seats, "reason": reason}
    return client.post(address(name, flight), data, follow=True).content.decode()


# --- Looking -----------------------------------------------------------------------------------


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


# --- Blocking ----------------------------------------------------------------------------------


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


# --- Operating -----------------------------------------------------------------------------------

# How a flight may stand, and what may be done to it then.
KINDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "on sale": ({}, {"close", "delay", "cancel"}),
    "closed": ({"on_sale": False}, {"reopen", "delay", "cancel"}),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kind", [*KINDS, "cancelled"])
def test_an_operation_is_done_or_refused_as_it_was_foretold(
    olga: Client, transactional_db: None, kind: str, name: str
) -> None:
    fields, allowed = KINDS.get(kind, ({}, set()))
    flight = a_flight(**fields)
    if kind == "cancelled":
        saga.cancel_flight(flight_id=flight.pk, by="operator:olga")
    before = flight.events.count()
    button = f"{reverse('admin:flights_flight_act', args=[name])}?ids={flight.pk}"
    offered = olga.get(page(flight)).content.decode()
    asked = olga.get(button).content.decode()
    said = act(olga, name, flight, minutes=90)
    label = OPERATIONS[name].label
    events = list(flight.events.all())[before:]
    assert (button in offered) == (name in allowed)
    if name in allowed:
        assert "will be refused" not in asked
        assert f"{label}: done for {flight}" in said
        [event] = events
        assert (event.by, event.reason) == ("operator:olga", WHY)
        [entry] = LogEntry.objects.all()
        assert entry.get_change_message() == f"{label}: {WHY}"
    else:
        assert "will be refused" in asked
        assert f"{label}: refused for {flight}" in said
        assert (events, LogEntry.objects.count()) == ([], 0)


def test_nothing_is_done_without_a_reason(olga: Client, flight: Flight) -> None:
    assert "This field is required" in act(olga, "close", flight, reason=" ")
    assert "Ensure this value is less" in act(olga, "delay", flight, minutes=99999)
    assert not flight.events.exists()


@pytest.mark.parametrize("ids", [[], ["nonsense"], ["1e3"], ["0"], ["9" * 30]])
def test_an_operation_on_no_flight_is_not_found(olga: Client, ids: list[str]) -> None:
    where = reverse("admin:flights_flight_act", args=["close"])
    assert olga.get(where, {"ids": ids}).status_code == 404
    assert olga.post(where, {"ids": ids, "reason": WHY}).status_code == 404
    assert olga.get(reverse("admin:flights_flight_act", args=["explode"])).status_code == 404


def test_fifty_flights_at_once_is_the_limit(
    olga: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FlightWithLoadAdmin.operate_at_once == 50
    monkeypatch.setattr(FlightWithLoadAdmin, "operate_at_once", 1)
    chosen = {"action": "close", "_selected_action": [flight.pk, a_flight("AF2").pk]}
    assert "at most 1 flights" in olga.post(LIST, chosen, follow=True).content.decode()


def test_several_flights_are_chosen_in_the_list(olga: Client, flight: Flight) -> None:
    other = a_flight("AF2", on_sale=False)
    chosen = {"action": "close", "_selected_action": [flight.pk, other.pk]}
    asked = olga.post(LIST, chosen).content.decode()
    assert "Close for sale: 2 flights?" in asked
    said = act(olga, "close", flight, other)
    assert f"done for {flight}" in said
    assert f"refused for {other}" in said


def test_a_cancellations_progress_is_shown_until_it_is_done(olga: Client, flight: Flight) -> None:
    alice = a_confirmed_booking(flight, "1A")
    a_hold(flight, "1B")
    act(olga, "cancel", flight)
    now = olga.get(address("now", flight)).content.decode()
    assert "2 bookings still to be ended; 0 of 0 refunded" in now
    assert "every 2s" in now
    saga.end_bookings(flight.pk)
    assert "0 of 1 refunded" in olga.get(address("now", flight)).content.decode()
    saga.advance(alice.pk)
    done = olga.get(address("now", flight)).content.decode()
    assert "Every booking has ended; 1 of 1 refunded" in done
    assert "every 2s" not in done


# --- Another aircraft ----------------------------------------------------------------------------


@pytest.fixture
def smaller(transactional_db: None) -> CabinLayout:
    return CabinLayout.objects.create(
        code="smaller", source=LAYOUT.replace("ABC DEF", "AB DEF").replace("1-30", "1-20")
    )


def test_the_plan_is_shown_and_then_done(
    olga: Client, flight: Flight, smaller: CabinLayout
) -> None:
    alice, bob = a_confirmed_booking(flight, "1A", "1B"), a_hold(flight, "2C")
    asked = olga.get(address("swap", flight), {"layout": "smaller"})
    said = asked.content.decode()
    assert "2 keep the seat, 1 move" in said
    assert '<th scope="row">2C</th>' in said
    data = {"layout": "smaller", "digest": asked.context["foreseen"].digest, "reason": WHY}
    assert (
        "Swap the aircraft: done for"
        in olga.post(address("swap", flight), data, follow=True).content.decode()
    )
    assert owned(alice) == ["1A", "1B"]
    assert owned(bob) != ["2C"]
    assert "aircraft smaller; 1 moved: 2C to" in olga.get(page(flight)).content.decode()
    assert list(broken()) == []


def test_another_plan_by_now_is_shown_and_nothing_done(
    olga: Client, flight: Flight, smaller: CabinLayout
) -> None:
    asked = olga.get(address("swap", flight), {"layout": "smaller"})
    data = {"layout": "smaller", "digest": asked.context["foreseen"].digest, "reason": WHY}
    a_hold(flight, "2C")
    answer = olga.post(address("swap", flight), data)
    assert "this is the new plan" in answer.content.decode()
    assert answer.context["foreseen"].digest != data["digest"]
    assert Flight.objects.get().layout_id == "test-320"


def test_who_cannot_be_seated_is_named_and_nothing_offered(
    olga: Client, flight: Flight, smaller: CabinLayout
) -> None:
    for row in range(1, 27):
        a_hold(flight, f"{row}A", f"{row}B", f"{row}D", f"{row}E")
    said = olga.get(address("swap", flight), {"layout": "smaller"}).content.decode()
    assert "4 cannot be seated" in said
    assert 'name="digest"' not in said


@pytest.mark.parametrize("code", ["concorde", "a\0", "test-320"])
def test_another_aircraft_is_one_of_those_to_choose(
    olga: Client, flight: Flight, code: str
) -> None:
    for ask in (olga.get, olga.post):
        said = ask(address("swap", flight), {"layout": code, "reason": WHY})
        assert "no such aircraft" in said.content.decode()


# --- Permissions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("operate_flight", {"act", "swap"}),
        ("block_seat", {"block", "unblock"}),
        ("change_flight", set()),
    ],
)
def test_each_permission_opens_its_own_doors(
    flight: Flight, smaller: CabinLayout, permission: str, allowed: set[str]
) -> None:
    vera = somebody("view_flight", "view_booking", permission)
    answers = {
        "act": vera.get(reverse("admin:flights_flight_act", args=["close"]), {"ids": flight.pk}),
        "swap": vera.get(address("swap", flight)),
        "block": vera.post(address("block", flight), {"seats": "1A", "reason": WHY}),
        "unblock": vera.post(address("unblock", flight), {"seats": "1A", "reason": WHY}),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
    said = vera.get(page(flight)).content.decode()
    assert ("Cancel the flight…" in said) == ("act" in allowed)
    assert ("Block chosen seats" in said) == ("block" in allowed)
    assert ("Close for sale" in vera.get(LIST).content.decode()) == ("act" in allowed)


def test_only_the_fare_is_edited_and_it_is_written_down(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight, "1A")
    saga.close_flight(flight_id=flight.pk, by="operator:olga")
    data = {"base_fare_cents": "30000", "currency": "EUR", "on_sale": "on", "layout": "none"}
    assert olga.post(page(flight), data).status_code == 302
    now = Flight.objects.get()
    assert (now.base_fare_cents, now.on_sale, now.layout_id) == (30000, False, "test-320")
    event = flight.events.last()
    assert event is not None
    assert (event.name, event.by, event.changes) == (
        "edited",
        "operator:olga",
        {"base_fare_cents": 30000},
    )
    # Whoever holds a seat pays what was said.
    assert standing(alice)[0] == State.SEATS_RESERVED
    assert list(broken()) == []

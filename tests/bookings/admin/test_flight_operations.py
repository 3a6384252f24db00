"""Operations on flights in the back office: who may, and what is said."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from bookings import saga
from bookings.admin.flights.operations import OPERATIONS
from bookings.admin.flights.page import FlightWithLoadAdmin
from bookings.invariants import broken
from flights.models import CabinLayout, Flight
from tests.bookings.admin.flight_pages import WHY, address, page, somebody
from tests.bookings.admin.staff import a_supervisor
from tests.people import (
    LAYOUT,
    a_confirmed_booking,
    a_flight,
    a_hold,
    owned,
)
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


LIST = "/admin/flights/flight/"


def act(client: Client, name: str, *flights: Flight, **more: Any) -> str:
    """What the page says after an operation."""
    ids = [f"{flight.pk}:{flight.events.count()}" for flight in flights]
    data = {"ids": ids, "reason": WHY, **more}
    where = reverse("admin:flights_flight_act", args=[name])
    return client.post(where, data, follow=True).content.decode()


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


@pytest.mark.parametrize("meanwhile", ["delay", "close"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_of_two_who_decide_at_once_the_second_is_told(
    olga: Client, flight: Flight, name: str, meanwhile: str
) -> None:
    theo, where = a_supervisor("theo"), reverse("admin:flights_flight_act", args=[name])
    shown = theo.get(where, {"ids": flight.pk}).context["rows"][0].identity
    act(olga, meanwhile, flight, minutes=60)
    flight.refresh_from_db()
    before = Flight.objects.values().get()
    answer = theo.post(where, {"ids": shown, "reason": WHY, "minutes": 60}, follow=True)
    assert "was changed while you were deciding" in answer.content.decode()
    assert (Flight.objects.values().get(), flight.events.count()) == (before, 1)


def test_a_delay_that_is_sent_twice_is_one(olga: Client, flight: Flight) -> None:
    where = reverse("admin:flights_flight_act", args=["delay"])
    shown = olga.get(where, {"ids": flight.pk}).context["rows"][0].identity
    race(*[partial(olga.post, where, {"ids": shown, "reason": WHY, "minutes": 60})] * 4)
    assert Flight.objects.get().departure == flight.departure + timedelta(hours=1)


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


@pytest.mark.parametrize("code", ["concorde", "a\0", "test-320"])
def test_another_aircraft_is_one_of_those_to_choose(
    olga: Client, flight: Flight, code: str
) -> None:
    for ask in (olga.get, olga.post):
        said = ask(address("swap", flight), {"layout": code, "reason": WHY})
        assert "no such aircraft" in said.content.decode()


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

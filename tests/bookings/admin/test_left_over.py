"""A smaller aircraft in the back office: who leaves is proposed, chosen, and done at the end."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import saga
from bookings.invariants import broken
from bookings.models import Booking, PaymentStatus, State
from flights.models import CabinLayout, Flight
from tests.bookings.admin.flight_pages import WHY, address, page, somebody
from tests.people import LAYOUT, a_confirmed_booking, a_flight, a_hold, owned, standing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tiny(transactional_db: None) -> CabinLayout:
    """Six seats."""
    return CabinLayout.objects.create(code="tiny", source=LAYOUT.replace("1-30", "1"))


@pytest.fixture
def later(flight: Flight) -> Flight:
    delay = timedelta(hours=2)
    times = {"departure": flight.departure + delay, "arrival": flight.arrival + delay}
    return a_flight("AF1236", **times)


@pytest.fixture
def parties(flight: Flight, later: Flight) -> list[Booking]:
    """Five couples, where three have room."""
    return [a_confirmed_booking(flight, f"{row}A", f"{row}B") for row in range(5, 10)]


def ask(client: Client, flight: Flight, *leaving: str, **more: str) -> Any:
    """Press one of the two buttons, with these choices, having seen the plan."""
    data = {"layout": "tiny", "leaving": leaving, "reason": WHY, **more}
    return client.post(address("swap", flight), data, follow=True)


def look(client: Client, flight: Flight, *leaving: str) -> Any:
    return ask(client, flight, *leaving, look="1")


def plan(answer: Any) -> dict[str, str]:
    """What the page says becomes of each booking that is listed."""
    return {str(row.booking.pk): row.becomes for row in answer.context["choices"].rows}


def everything(flight: Flight) -> list[Any]:
    bookings = Booking.objects.order_by("pk").values_list("pk", "version", "flight_id", "seats")
    return [*bookings, flight.events.count(), Flight.objects.get(pk=flight.pk).layout_id]


def test_who_leaves_is_proposed_and_then_done(
    olga: Client, flight: Flight, later: Flight, parties: list[Booking]
) -> None:
    *stay, fourth, fifth = parties
    asked = olga.get(address("swap", flight), {"layout": "tiny"})
    said = asked.content.decode()
    assert "4 cannot stay" in said
    assert "0 keep the seat, 6 move, 4 leave" in re.sub(r"\s+", " ", said)
    assert list(plan(asked)) == [str(fifth.pk), str(fourth.pk)]
    assert all("AF1236 on " in becomes for becomes in plan(asked).values())
    done = ask(olga, flight, digest=asked.context["foreseen"].digest).content.decode()
    assert "Swap the aircraft: done for" in done
    assert [owned(party) for party in (fourth, fifth)] == [["8A", "8B"], ["9A", "9B"]]
    assert {seat[0] for party in stay for seat in owned(party)} == {"1"}
    assert set(Booking.objects.values_list("state", flat=True)) == {State.CONFIRMED}
    told = olga.get(page(flight)).content.decode()
    assert "aircraft tiny; 6 moved" in told
    assert f"2 to {later}" in told
    assert list(broken()) == []


def test_staff_choose_otherwise_and_nothing_happens_before_the_swap(
    olga: Client, flight: Flight, later: Flight, parties: list[Booking]
) -> None:
    first, second, _, fourth, fifth = parties
    before = everything(flight)
    asked = look(olga, flight, f"{first.pk}:leaves", f"{fourth.pk}:", f"{fifth.pk}:ends")
    # A volunteer, so that another one stays; and what was typed is kept.
    assert plan(asked) == {
        str(fifth.pk): "Cancelled; 400.00 EUR go back.",
        str(first.pk): f"AF1236 on {later.local_departure:%Y-%m-%d %H:%M}: 5A, 5B",
    }
    said = asked.content.decode()
    assert f'value="{first.pk}:leaves" selected' in said
    assert f'value="{WHY}"' in said
    again = look(olga, flight, f"{first.pk}:", f"{fifth.pk}:stays", f"{second.pk}:{later.pk}")
    assert list(plan(again)) == [str(fifth.pk), str(fourth.pk), str(second.pk)]
    assert plan(again)[str(fifth.pk)] == "Stays."
    assert everything(flight) == before
    choice = f"{first.pk}:leaves", f"{fifth.pk}:ends"
    ask(olga, flight, *choice, digest=asked.context["foreseen"].digest)
    first.refresh_from_db()
    assert first.flight_id == later.pk
    assert standing(fifth) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    assert "1 to" in (told := olga.get(page(flight)).content.decode())
    assert "1 ended" in told


def test_a_swap_by_other_choices_than_were_looked_at_is_not_done(
    olga: Client, flight: Flight, parties: list[Booking]
) -> None:
    before = everything(flight)
    seen = olga.get(address("swap", flight), {"layout": "tiny"}).context["foreseen"].digest
    answer = ask(olga, flight, f"{parties[0].pk}:ends", digest=seen)
    assert "this is the new plan" in answer.content.decode()
    assert plan(answer)[str(parties[0].pk)] == "Cancelled; 400.00 EUR go back."
    assert everything(flight) == before


def test_who_acted_meanwhile_is_told_of_and_nothing_is_done(
    olga: Client, flight: Flight, later: Flight, parties: list[Booking]
) -> None:
    seen = olga.get(address("swap", flight), {"layout": "tiny"}).context["foreseen"].digest
    a_hold(later, "8A")
    before = everything(flight)
    answer = ask(olga, flight, digest=seen)
    assert "this is the new plan" in answer.content.decode()
    saga.cancel_flight(flight_id=later.pk, by="operator:oscar")
    seen = answer.context["foreseen"].digest
    answer = ask(olga, flight, digest=seen)
    assert "this is the new plan" in answer.content.decode()
    assert plan(answer)[str(parties[4].pk)] == "Cancelled; 400.00 EUR go back."
    assert everything(flight) == before


def test_a_hold_ends_and_nobody_is_sent_anywhere_by_it(
    olga: Client, flight: Flight, parties: list[Booking]
) -> None:
    hold = a_hold(flight, "20A")
    asked = olga.get(address("swap", flight), {"layout": "tiny"})
    assert plan(asked)[str(hold.pk)] == "The hold ends; nothing was charged."
    assert f'value="{hold.pk}:{parties[0].flight_id}"' not in asked.content.decode()


@pytest.mark.parametrize("said", ["x:leaves", "{}:else", "{}:²", "{}:" + "9" * 5000, "\0:ends"])
def test_what_no_form_says_is_not_understood(
    olga: Client, flight: Flight, parties: list[Booking], said: str
) -> None:
    assert look(olga, flight, said.format(parties[0].pk)).status_code == 404
    stranger = "00000000-0000-4000-8000-000000000000:ends"
    assert look(olga, flight, stranger, f"{parties[0].pk}:{10**18}").status_code == 200


@pytest.mark.parametrize("may_see", [True, False])
def test_names_are_for_those_who_may_see_bookings(flight: Flight, *, may_see: bool) -> None:
    hold = a_hold(flight, "1A")
    saga.start_payment(booking_id=hold.pk, code="00000", name="Ada Lovelace", email="a@b.example")
    a_hold(flight, *(f"{row}A" for row in range(2, 9)))
    vera = somebody("operate_flight", *(["view_booking"] if may_see else []))
    said = vera.get(address("swap", flight), {"layout": "tiny"}).content.decode()
    assert ("Ada Lovelace" in said) == may_see


def test_the_page_takes_as_many_queries_for_forty_as_for_four(
    olga: Client, flight: Flight, later: Flight
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            olga.get(address("swap", flight), {"layout": "tiny"})
        return len(captured)

    for row in range(1, 9):
        a_confirmed_booking(flight, f"{row}A")
    queries()  # What is read once is read.
    few = queries()
    for row in range(9, 30):
        a_confirmed_booking(flight, f"{row}A")
        a_confirmed_booking(flight, f"{row}F")
    assert queries() == few

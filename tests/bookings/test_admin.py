"""The operators' pages: find a booking, read its story, act on it, change nothing by hand."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import saga
from bookings.admin.operations import OPERATIONS
from bookings.errors import NotPossible
from bookings.models import Booking, LedgerEntry, Money, State
from bookings.saga import timers
from bookings.saga.moves import postpone
from flights.models import Flight
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_flight,
    a_hold,
    a_payment,
    let_time_pass,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/bookings/booking/"
WHY = "The traveller rang"


@pytest.fixture
def olga(transactional_db: None) -> Client:
    """An operator's browser."""
    client = Client()
    client.force_login(User.objects.create_superuser("olga"))
    return client


@pytest.fixture
def vera(transactional_db: None) -> Client:
    """The browser of somebody who may look and not act."""
    vera = User.objects.create_user("vera", is_staff=True)
    names = ["view_booking", "view_ledgerentry"]
    vera.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(vera)
    return client


def page(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def act(client: Client, name: str, *bookings: Booking, reason: str = WHY) -> Any:
    ids = [str(booking.pk) for booking in bookings]
    address = reverse("admin:bookings_booking_act", args=[name])
    return client.post(address, {"ids": ids, "reason": reason}, follow=True)


def shown(client: Client, **query: str) -> set[Booking]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return set(answer.context["cl"].result_list)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def expired(flight: Flight) -> Booking:
    booking = a_hold(flight)
    run_out(booking)
    saga.sweep()
    return booking


def emptied(flight: Flight) -> Booking:
    return saga.update_seats(booking_id=a_hold(flight).pk, seats=[])


def between_attempts(flight: Flight) -> Booking:
    MoodyGateway.fates[:] = ["declined"]
    booking = a_payment(flight)
    saga.advance(booking.pk)
    return booking


def trying(flight: Flight) -> Booking:
    booking = a_payment(flight)
    timers._step_if_due(booking.pk)
    return booking


def refund_due(flight: Flight) -> Booking:
    booking = a_confirmed_booking(flight)
    return saga.cancel_and_refund(booking_id=booking.pk, by="operator:olga")


# Every kind of booking, and what may be done to it.
KINDS: dict[str, tuple[Callable[[Flight], Booking], set[str]]] = {
    "held": (a_hold, {"terminate"}),
    "emptied": (emptied, {"terminate"}),
    "paid a moment ago": (a_payment, {"terminate", "retry_now"}),
    "between attempts": (between_attempts, {"terminate", "retry_now"}),
    "in an attempt": (trying, {"terminate"}),
    "confirmed": (a_confirmed_booking, {"cancel_and_refund"}),
    "refund due": (refund_due, {"retry_now"}),
    "refunded": (lambda flight: settle(refund_due(flight)), set()),
    "failed": (lambda flight: settle(a_payment(flight, code="11111")), set()),
    "expired": (expired, set()),
    "cancelled": (lambda flight: saga.cancel(booking_id=a_hold(flight).pk), set()),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_operation_is_done_or_refused_as_it_was_foretold(
    olga: Client, flight: Flight, gateway: type[MoodyGateway], kind: str, name: str
) -> None:
    make, allowed = KINDS[kind]
    booking = make(flight)
    address = reverse("admin:bookings_booking_act", args=[name])
    button = f"{address}?ids={booking.pk}"
    asked = olga.get(button)
    before = booking.events.count()
    answer = act(olga, name, booking)
    said = answer.content.decode()
    label = OPERATIONS[name].label
    events = list(booking.events.filter(number__gt=before))
    if name in allowed:
        assert "will be refused" not in asked.content.decode()
        assert f"{label}: done for" in said
        assert (events[0].by, events[0].detail) == ("operator:olga", WHY)
        [entry] = LogEntry.objects.all()
        assert entry.get_change_message() == f"{label}: {WHY}"
        assert (str(entry.user), entry.object_id) == ("olga", str(booking.pk))
    else:
        assert "will be refused" in asked.content.decode()
        with pytest.raises(NotPossible) as refused:
            OPERATIONS[name].run(booking_id=booking.pk, by="operator:olga", reason=WHY)
        assert f"{label}: refused for" in said
        assert str(refused.value) in said
        assert (events, LogEntry.objects.count()) == ([], 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bookings_page_offers_what_is_possible(
    olga: Client, flight: Flight, gateway: type[MoodyGateway], kind: str
) -> None:
    make, allowed = KINDS[kind]
    said = olga.get(page(make(flight))).content.decode()
    assert {name for name in OPERATIONS if f"/act/{name}/" in said} == allowed


def test_cancelling_with_refund_ends_the_booking_and_gives_the_money_back(
    olga: Client, flight: Flight
) -> None:
    alice = a_confirmed_booking(flight)
    act(olga, "cancel_and_refund", alice)
    assert standing(alice) == (State.CANCELLED, Money.REFUND_DUE)
    settle(alice)
    assert standing(alice) == (State.CANCELLED, Money.REFUNDED)


def test_several_are_chosen_in_the_list_asked_about_and_done_each_by_itself(
    olga: Client, flight: Flight
) -> None:
    alice, bob, carol = a_hold(flight, "1A"), a_hold(flight, "1B"), a_confirmed_booking(flight)
    chosen = {"action": "terminate", "_selected_action": [str(b.pk) for b in (alice, bob, carol)]}
    asked = olga.post(LIST, chosen).content.decode()
    assert "Terminate: 3 bookings?" in asked
    assert asked.count("can be sold again at once. Nothing was charged.") == 2
    assert asked.count("will be refused") == 1
    assert standing(alice)[0] == State.SEATS_RESERVED

    said = act(olga, "terminate", alice, bob, carol).content.decode()
    assert {standing(alice)[0], standing(bob)[0]} == {State.CANCELLED}
    assert standing(carol)[0] == State.CONFIRMED
    assert f"refused for {carol.record_locator}. This booking has already ended" in said
    assert LogEntry.objects.count() == 2


def test_nothing_is_done_without_a_reason(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight)
    answer = act(olga, "terminate", alice, reason="  ")
    assert "This field is required." in answer.content.decode()
    assert standing(alice)[0] == State.SEATS_RESERVED


def test_a_hundred_bookings_at_once_is_the_limit(
    olga: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookings.admin.acting.AT_ONCE", 1)
    holds = [a_hold(flight, "1A"), a_hold(flight, "1B")]
    chosen = {"action": "terminate", "_selected_action": [str(hold.pk) for hold in holds]}
    assert "at most 1 bookings" in olga.post(LIST, chosen, follow=True).content.decode()


def test_a_booking_that_somebody_else_is_changing_is_said_to_be_busy(
    olga: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres gives up waiting for a row's lock after a while."""
    alice = a_hold(flight)
    other = connection.copy()
    try:
        with other.cursor() as cursor, connection.cursor() as mine:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM bookings_booking WHERE id = %s FOR UPDATE", [alice.pk])
            mine.execute("SET lock_timeout = '50ms'")
            said = act(olga, "terminate", alice).content.decode()
    finally:
        other.close()
        connection.close()
    assert "The booking is busy; please try again." in said


@pytest.mark.parametrize("ids", [[], ["nonsense"], [str(uuid4())]])
def test_an_operation_on_nothing_is_not_found(olga: Client, ids: list[str]) -> None:
    address = reverse("admin:bookings_booking_act", args=["terminate"])
    assert olga.get(address, {"ids": ids}).status_code == 404
    assert olga.post(address, {"ids": ids, "reason": WHY}).status_code == 404
    assert olga.get(reverse("admin:bookings_booking_act", args=["explode"])).status_code == 404


def test_who_may_only_look_cannot_act(vera: Client, flight: Flight) -> None:
    alice = a_hold(flight)
    said = vera.get(page(alice)).content.decode()
    assert "/act/" not in said
    assert "terminate" not in vera.get(LIST).content.decode()
    assert act(vera, "terminate", alice).status_code == 403
    assert standing(alice)[0] == State.SEATS_RESERVED


def test_nobody_edits_adds_or_deletes_what_the_saga_and_the_gateway_write(
    olga: Client, flight: Flight
) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="olga")
    registered = [
        page for model, page in admin.site._registry.items() if model._meta.app_label == "bookings"
    ]
    assert {page.model for page in registered} == {Booking, LedgerEntry}
    for each in registered:
        assert not each.has_add_permission(request)
        assert not each.has_change_permission(request)
        assert not each.has_delete_permission(request)
    alice = a_confirmed_booking(flight)
    for address in (page(alice), f"{LIST}add/", f"{LIST}{alice.pk}/delete/"):
        assert olga.post(address, {"state": "CANCELLED"}).status_code == 403
    assert standing(alice) == (State.CONFIRMED, Money.CHARGED)


def test_every_table_with_a_composite_key_stays_out_of_the_admin() -> None:
    """Claims, attempts and events are shown on their booking's page alone."""
    hidden = {model.__name__ for model in apps.get_app_config("bookings").get_models()}
    assert hidden - {"Booking", "LedgerEntry"} == {"SeatClaim", "PaymentAttempt", "BookingEvent"}


def test_a_bookings_page_tells_its_story(
    olga: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    gateway.fates[:] = ["declined", "silent"]
    alice = settle(a_payment(flight, "12A", "12B"))
    said = olga.get(page(alice)).content.decode()
    for words in ("12A", "12B", alice.record_locator, "attempt declined", "attempt unknown"):
        assert str(words) in said
    for attempt in alice.payment_attempts.all():
        assert attempt.key in said
    assert said.count('<th scope="row">') == 2 + 3 + alice.version
    assert f"/admin/flights/flight/{flight.pk}/change/" in said


def test_neither_the_travellers_id_nor_the_payment_code_is_shown(
    olga: Client, flight: Flight
) -> None:
    traveller = uuid4()
    alice = a_hold(flight, traveller=traveller)
    saga.start_payment(booking_id=alice.pk, code="73519")
    for address in (page(alice), LIST):
        said = olga.get(address).content.decode()
        assert str(traveller) not in said
        assert "73519" not in said


def test_a_reason_is_shown_as_text(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight)
    act(olga, "terminate", alice, reason="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in olga.get(page(alice)).content.decode()


def test_bookings_are_found_by_locator_id_and_flight(olga: Client, flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A"), a_hold(flight, "1B")
    carol = a_hold(a_flight("AF9999"), "1C")
    locator = str(alice.record_locator)
    assert shown(olga, q=locator) == shown(olga, q=locator[:4].lower()) == {alice}
    assert shown(olga, q=str(bob.pk)) == {bob}
    assert shown(olga, q="af1234") == {alice, bob}
    assert shown(olga, q=f"AF1234 {flight.departure_date}") == {alice, bob}
    assert shown(olga, q="AF1234 2001-01-01") == set()
    assert shown(olga, q="2001-01-01") == set()
    assert shown(olga, q=f"AF1234 {locator}") == {alice}
    assert shown(olga, q="2026-99-99 %_") == set()
    assert shown(olga, flight=str(carol.flight_id)) == {carol}
    assert shown(olga, flight="nonsense") == shown(olga, flight="9" * 30) == set()


def test_a_locator_that_looks_like_a_flights_number_is_found_too(
    olga: Client, flight: Flight
) -> None:
    alice = a_hold(flight)
    bob = a_confirmed_booking(a_flight("AF9999"), "1A")
    Booking.objects.filter(pk=bob.pk).update(record_locator="AF1234")
    assert shown(olga, q="AF1234") == {alice, bob}


def test_bookings_are_filtered_by_state_money_and_attention(olga: Client, flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), refund_due(flight)
    carol = a_payment(flight, "1C")
    postpone(carol.pk, ValueError("the gateway is on fire"))
    assert shown(olga, state__exact=State.SEATS_RESERVED) == {alice}
    assert shown(olga, money__exact=Money.REFUND_DUE) == shown(olga, attention="refund") == {bob}
    assert shown(olga, attention="failing") == {carol}
    assert shown(olga, attention="overdue") == set()
    let_time_pass(alice, 920)
    assert shown(olga, attention="overdue") == {alice}
    assert "errors: 1" in olga.get(LIST).content.decode()


def test_the_list_takes_the_same_queries_for_one_booking_and_for_forty(
    olga: Client, flight: Flight
) -> None:
    a_hold(flight, "1A")
    one = queries(olga, LIST)
    for row in range(2, 41 - 10):
        a_hold(a_flight(f"AF{row}"), f"{row}A")
    assert queries(olga, LIST) == one <= 5
    assert queries(olga, f"{LIST}?q=AF1234") <= 6


def test_the_list_never_counts_the_whole_table(olga: Client, flight: Flight) -> None:
    with CaptureQueriesContext(connection) as captured:
        olga.get(LIST)
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert all("LIMIT 10000" in sql for sql in counts)


def test_a_bookings_page_takes_the_same_queries_however_long_its_story(
    olga: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_hold(flight, "1A")
    gateway.fates[:] = ["declined", "silent"]
    bob = settle(a_payment(flight, *[f"2{letter}" for letter in "ABCDEF"]))
    olga.get(page(alice))  # Django looks its content types up once
    assert queries(olga, page(bob)) == queries(olga, page(alice)) <= 6


def test_asking_about_many_takes_the_same_queries_as_about_one(
    olga: Client, flight: Flight
) -> None:
    address = reverse("admin:bookings_booking_act", args=["terminate"])
    holds = [a_hold(flight, f"{row}A") for row in range(1, 9)]
    one = queries(olga, f"{address}?ids={holds[0].pk}")
    assert queries(olga, f"{address}?{'&'.join(f'ids={hold.pk}' for hold in holds)}") == one


def test_flights_show_their_load_in_one_query(olga: Client, flight: Flight) -> None:
    a_confirmed_booking(flight, "1A", "1B"), a_hold(flight, "1C")
    address = "/admin/flights/flight/"
    assert "2 + 1 of 180" in olga.get(address).content.decode()
    one = queries(olga, address)
    a_hold(a_flight("AF9999"))
    assert queries(olga, address) == one
    said = olga.get(f"{address}{flight.pk}/change/").content.decode()
    assert "2 + 1 of 180" in said
    assert f"/admin/bookings/booking/?flight={flight.pk}" in said
    assert olga.get(f"{address}add/").status_code == 200


def test_an_overdue_hold_stands_in_nobodys_way(olga: Client, flight: Flight) -> None:
    run_out(a_hold(flight))
    assert "0 + 0 of 180" in olga.get("/admin/flights/flight/").content.decode()


def test_the_ledger_is_read_by_key(olga: Client, flight: Flight) -> None:
    alice, bob = a_confirmed_booking(flight, "1A"), a_confirmed_booking(flight, "1B")
    said = olga.get("/admin/bookings/ledgerentry/", {"q": str(alice.pk)}).content.decode()
    assert f"{alice.pk}-1" in said
    assert str(bob.pk) not in said
    entry = reverse("admin:bookings_ledgerentry_change", args=[f"{alice.pk}-1"])
    assert "approved" in olga.get(entry).content.decode()


def test_the_pages_need_no_exception_from_the_content_security_policy(
    olga: Client, flight: Flight
) -> None:
    alice = a_hold(flight)
    asking = f"{LIST}act/terminate/?ids={alice.pk}"
    for address in (LIST, page(alice), asking, "/admin/flights/flight/"):
        answer = olga.get(address)
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert " style=" not in answer.content.decode()
        assert "onclick=" not in answer.content.decode()

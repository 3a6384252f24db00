"""The operators' pages: find a booking, read its history, change nothing by hand."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import saga
from bookings.models import Booking, LedgerEntry, PaymentStatus, SavedSearch, State
from bookings.saga.payment import postpone
from flights.models import Flight
from tests.bookings.admin.staff import LIST, a_supervisor, act, page, refund_due
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


def shown(client: Client, **query: str) -> set[Booking]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return set(answer.context["cl"].result_list)


def queries(client: Client, address: str) -> int:
    client.get(address)  # Django looks its content types up once; the session is noted
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


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
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)


def test_every_table_with_a_composite_key_stays_out_of_the_admin() -> None:
    """Claims, attempts, changes, refunds and events are shown on their booking's page alone."""
    hidden = {model.__name__ for model in apps.get_app_config("bookings").get_models()}
    assert hidden - {"Booking", "LedgerEntry", "SavedSearch"} == {
        "SeatClaim",
        "Change",
        "PaymentAttempt",
        "Refund",
        "Message",
        "BookingEvent",
    }


def test_a_bookings_page_tells_its_history(
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


def test_neither_the_customers_id_nor_the_payment_code_is_shown(
    olga: Client, flight: Flight
) -> None:
    browser_id = uuid4()
    alice = a_hold(flight, browser_id=browser_id)
    saga.start_payment(booking_id=alice.pk, code="73519", browser_id=browser_id)
    for address in (page(alice), LIST):
        said = olga.get(address).content.decode()
        assert str(browser_id) not in said
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
    assert shown(olga, q="af1234") == shown(olga, q="AF 01234") == {alice, bob}
    assert shown(olga, q=f"AF1234 {flight.departure_date}") == {alice, bob}
    assert shown(olga, q="AF1234 2001-01-01") == set()
    assert shown(olga, q="2001-01-01") == set()
    assert shown(olga, q=f"AF1234 {locator}") == {alice}
    assert shown(olga, q="2026-99-99 %_") == set()
    assert shown(olga, q="AF1234 1b") == shown(olga, q=f"1B {flight.departure_date}") == {bob}
    assert shown(olga, q="AF1234 2B") == set()
    assert shown(olga, q="af1234 confirmed") == {alice}
    assert shown(olga, flight=str(carol.flight_id)) == {carol}
    assert shown(olga, flight="nonsense") == shown(olga, flight="9" * 30) == set()


def test_an_operator_keeps_searches_by_name_and_nobody_elses(olga: Client, flight: Flight) -> None:
    oscar = a_supervisor("oscar")
    keep = f"{LIST}searches/"
    shown_next = olga.post(
        keep, {"name": "My failures", "query": "state=FAILED&p=3&q=af1234&x=1"}, follow=True
    )
    assert shown_next.redirect_chain[-1][0].endswith("?q=af1234&state=FAILED")
    olga.post(keep, {"name": "My failures", "query": "state=FAILED"})
    [search] = SavedSearch.objects.all()
    assert (str(search), search.query) == ("My failures", "state=FAILED")
    assert 'href="?state=FAILED"' in olga.get(LIST).content.decode()
    assert "My failures" not in oscar.get(LIST).content.decode()
    oscar.post(f"{keep}{search.pk}/forget/")
    assert SavedSearch.objects.exists()
    assert olga.get(f"{keep}{search.pk}/forget/").status_code == 403
    olga.post(f"{keep}{search.pk}/forget/")
    assert not SavedSearch.objects.exists()
    said = olga.post(keep, {"name": "Everything", "query": "p=3"}, follow=True).content.decode()
    assert "Search or filter first" in said


def test_a_locator_that_looks_like_a_flights_number_is_found_too(
    olga: Client, flight: Flight
) -> None:
    alice = a_hold(flight)
    bob = a_confirmed_booking(a_flight("AF9999"), "1A")
    Booking.objects.filter(pk=bob.pk).update(record_locator="AF1234")
    assert shown(olga, q="AF1234") == {alice, bob}


def test_bookings_are_filtered_by_state_and_attention(olga: Client, flight: Flight) -> None:
    alice, bob = a_hold(flight, "1A"), refund_due(flight)
    carol = a_payment(flight, "1C")
    postpone(carol.pk, ValueError("the gateway is on fire"))
    assert shown(olga, state=State.SEATS_RESERVED) == shown(olga, q="held") == {alice}
    assert shown(olga, state=State.CANCELLED) == shown(olga, attention="refund") == {bob}
    assert shown(olga, state="NONSENSE") == {alice, bob, carol}
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
    assert queries(olga, LIST) == one <= 6
    assert queries(olga, f"{LIST}?q=AF1234") <= 8


def test_the_list_never_counts_the_whole_table(olga: Client, flight: Flight) -> None:
    with CaptureQueriesContext(connection) as captured:
        olga.get(LIST)
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert all("LIMIT 10000" in sql for sql in counts)


def test_a_bookings_page_takes_the_same_queries_however_long_its_history(
    olga: Client, flight: Flight, gateway: type[MoodyGateway]
) -> None:
    alice = a_hold(flight, "1A")
    gateway.fates[:] = ["declined", "silent"]
    seats = [f"2{letter}" for letter in "ABCDEF"]
    bob = settle(a_payment(flight, *seats, name="Bob", email="bob@example.org"))
    saga.give_refund(booking_id=bob.pk, amount_cents=100, by="operator:olga")
    assert queries(olga, page(bob)) == queries(olga, page(alice)) <= 10


@pytest.mark.parametrize("name", ["terminate", "resend_confirmation"])
def test_asking_about_many_takes_the_same_queries_as_about_one(
    olga: Client, flight: Flight, name: str
) -> None:
    address = reverse("admin:bookings_booking_act", args=[name])
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
    assert "<b>2</b> booked" in said
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

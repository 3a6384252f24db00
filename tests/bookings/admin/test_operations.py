"""Operators act on bookings: every operation in every state, and who did it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from bookings import saga
from bookings.admin.bookings.operations import OPERATIONS
from bookings.admin.bookings.page import BookingAdmin
from bookings.errors import NotPossible
from bookings.models import Booking, PaymentStatus, State
from bookings.notifications.outbox import send_due
from bookings.saga import timers
from flights.models import Flight
from tests.bookings.admin.staff import LIST, WHY, act, an_onlooker, page, refund_due
from tests.people import (
    MoodyGateway,
    a_confirmed_booking,
    a_hold,
    a_payment,
    run_out,
    settle,
    standing,
)

pytestmark = pytest.mark.django_db(transaction=True)


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
    timers.take_step(booking.pk)
    return booking


def reachable(flight: Flight) -> Booking:
    return settle(a_payment(flight, name="Alice Adams", email="alice@example.org"))


def given_back(flight: Flight) -> Booking:
    booking = a_confirmed_booking(flight)
    quote = saga.quote_cancellation(booking_id=booking.pk)
    saga.cancel_as_quoted(booking_id=booking.pk, quote_id=quote.id)
    return settle(booking)


# What is said in the forms that ask for more than a reason, and what the use cases take for it.
ANSWERS = {"give_refund": {"amount": "1.50"}}
SAID = {"give_refund": {"amount_cents": 150}}
# Every kind of booking, and what may be done to it.
KINDS: dict[str, tuple[Callable[[Flight], Booking], set[str]]] = {
    "held": (a_hold, {"terminate"}),
    "emptied": (emptied, {"terminate"}),
    "paid a moment ago": (a_payment, {"terminate", "retry_now"}),
    "between attempts": (between_attempts, {"terminate", "retry_now"}),
    "in an attempt": (trying, {"terminate"}),
    "confirmed": (a_confirmed_booking, {"cancel_and_refund", "give_refund"}),
    "confirmed, with an address": (
        reachable,
        {"cancel_and_refund", "give_refund", "resend_confirmation"},
    ),
    "given back for a fee": (given_back, {"give_refund"}),
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
    booking.refresh_from_db()
    address = reverse("admin:bookings_booking_act", args=[name])
    button = f"{address}?ids={booking.pk}"
    asked = olga.get(button)
    before = booking.events.count()
    answer = act(olga, name, booking, **ANSWERS.get(name, {}))
    said = answer.content.decode()
    label, done = OPERATIONS[name].label, OPERATIONS[name].said
    events = list(booking.events.filter(number__gt=before))
    if name in allowed:
        assert "will be refused" not in asked.content.decode()
        assert f"{label}: {done}" in said
        assert (events[0].by, events[0].detail) == ("operator:olga", WHY)
        [entry] = LogEntry.objects.all()
        assert entry.get_change_message().startswith(f"{label}: ")
        assert entry.get_change_message().endswith(WHY)
        assert (str(entry.user), entry.object_id) == ("olga", str(booking.pk))
    else:
        assert "will be refused" in asked.content.decode()
        with pytest.raises(NotPossible) as refused:
            OPERATIONS[name].run(
                booking_id=booking.pk, by="operator:olga", reason=WHY, version=booking.version,
                **SAID.get(name, {}),
            )  # fmt: skip
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
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUND_DUE)
    settle(alice)
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)


def test_a_confirmation_is_sent_again_to_the_customer(olga: Client, flight: Flight) -> None:
    alice = reachable(flight)
    send_due(alice.pk)
    act(olga, "resend_confirmation", Booking.objects.get(pk=alice.pk))
    send_due(alice.pk)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]] * 2
    names = list(alice.events.values_list("name", "by"))[-2:]
    assert names == [("confirmed", "gateway"), ("mail_asked_for", "operator:olga")]
    said = olga.get(page(alice)).content.decode()
    assert said.count("sent at") == 2


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


def test_a_reason_may_be_written_in_any_language(olga: Client, flight: Flight) -> None:
    alice = a_hold(flight)
    act(olga, "terminate", alice, reason="\u200fهواپیما\u3000نمی\u200cپرد\u00a0")
    assert alice.events.last().detail == "هواپیما نمی\u200cپرد"  # type: ignore[union-attr]


def test_a_hundred_bookings_at_once_is_the_limit(
    olga: Client, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BookingAdmin, "operate_at_once", 1)
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


def test_who_may_only_look_cannot_act(flight: Flight) -> None:
    alice, vera = a_hold(flight), an_onlooker()
    said = vera.get(page(alice)).content.decode()
    assert "/act/" not in said
    assert "terminate" not in vera.get(LIST).content.decode()
    assert act(vera, "terminate", alice).status_code == 403
    assert standing(alice)[0] == State.SEATS_RESERVED


@pytest.mark.parametrize("version", ["9" * 30, str(2**31), "-" + "9" * 12])
def test_a_version_that_no_booking_can_have_is_a_bad_request(
    olga: Client, flight: Flight, version: str
) -> None:
    alice = a_hold(flight)
    for name in ("terminate", "cancel_and_refund"):
        address = reverse("admin:bookings_booking_act", args=[name])
        asked = {"ids": [f"{alice.pk}:{version}"], "reason": WHY}
        assert olga.post(address, asked).status_code == 400
    assert standing(alice)[0] == State.SEATS_RESERVED

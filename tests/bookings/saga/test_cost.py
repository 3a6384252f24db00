"""What each step costs, in statements that Postgres is sent: counted, never timed.

A later change that costs shows here, whatever else runs on the machine. Each statement is a
round trip, and so are the BEGIN and the COMMIT around several.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.test import Client
from django_redis import get_redis_connection
from psycopg.pq import TransactionStatus

from bookings import saga
from bookings.errors import OpenBookingExists
from bookings.models import Booking, Outcome, PaymentStatus, State
from bookings.payments import Answer, gateway
from bookings.saga import holds, payment, payment_answers
from flights.models import Flight
from tests.people import a_confirmed_booking, a_flight, a_hold, a_payment, run_out, standing

pytestmark = pytest.mark.django_db(transaction=True)

# What Postgres is sent while it is done; failing, a test shows it.
type Sent = Callable[[Callable[[], object]], list[str]]

APPROVED = Answer(Outcome.APPROVED, reference="SIM-1")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    seen: list[str] = []
    execute, commit = psycopg.Cursor.execute, psycopg.Connection.commit

    def note_statement(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(" ".join(str(query).split())[:100])
        return execute(cursor, query, *args, **kwargs)

    def note_commit(connection: Any) -> None:
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            seen.extend(["BEGIN", "COMMIT"])
        commit(connection)

    monkeypatch.setattr(psycopg.Cursor, "execute", note_statement)
    monkeypatch.setattr(psycopg.Connection, "commit", note_commit)

    def sent(do: Callable[[], object]) -> list[str]:
        seen.clear()
        do()
        return [*seen]

    return sent


@pytest.fixture
def flight(flight: Flight) -> Flight:
    """This process knows it, and no test before has left a lock on a seat."""
    redis = get_redis_connection()
    if locks := redis.keys("seat:*"):
        redis.delete(*locks)
    a_hold(flight, "30F")
    return flight


@pytest.fixture
def order(flight: Flight) -> str:
    """Alice's, for 12A: its address in the API."""
    return f"/api/orders/{a_hold(flight, '12A').pk}"


def put_json(address: str, body: object) -> object:
    return Client().put(address, body, content_type="application/json")


def post_json(address: str, body: object) -> object:
    return Client().post(address, body, content_type="application/json")


def test_a_hold_is_one_statement(flight: Flight, sent: Sent) -> None:
    order = {"flightId": str(flight.pk), "seats": ["12A", "12B"]}
    assert len(sent(lambda: post_json("/api/orders", order))) == 1
    assert Booking.objects.filter(seats=["12A", "12B"]).exists()


def test_the_first_hold_on_a_flight_also_reads_the_flight(flight: Flight, sent: Sent) -> None:
    unknown = a_flight("AF1235")
    assert len(sent(lambda: a_hold(unknown, "29F"))) == 2


# What Postgres refuses is not tried again. Then the other is read, and is not due.
def test_a_second_open_booking_is_refused_at_once(flight: Flight, sent: Sent) -> None:
    alice = uuid4()
    a_hold(flight, "12A", browser_id=alice)

    def hold_another() -> None:
        with pytest.raises(OpenBookingExists):
            a_hold(flight, "12B", browser_id=alice)

    assert len(sent(hold_another)) == 4


# The booking, what its seats cost, and the change itself.
def test_a_change_of_seats_is_three_statements(order: str, sent: Sent) -> None:
    assert len(sent(lambda: put_json(f"{order}/seats", {"seats": ["12B"]}))) == 3
    assert Booking.objects.filter(seats=["12B"]).exists()


# The same three.
def test_a_choice_of_fare_is_three_statements(order: str, sent: Sent) -> None:
    assert len(sent(lambda: put_json(f"{order}/fare", {"fare": "flex"}))) == 3
    assert Booking.objects.filter(fare__code="flex").exists()


def test_the_start_of_a_payment_is_one_statement(order: str, sent: Sent) -> None:
    assert len(sent(lambda: post_json(f"{order}/pay", {"paymentCode": "00000"}))) == 1
    assert Booking.objects.filter(state=State.PAYMENT_PROCESSING).exists()


def test_giving_a_hold_up_is_one_statement(order: str, sent: Sent) -> None:
    assert len(sent(lambda: Client().delete(order))) == 1
    assert Booking.objects.filter(state=State.CANCELLED).exists()


def test_a_look_at_the_status_is_one_statement(order: str, sent: Sent) -> None:
    assert len(sent(lambda: Client().get(f"{order}/status"))) == 1


def test_an_attempt_is_one_statement(flight: Flight, sent: Sent) -> None:
    alice = a_payment(flight, "12A")
    assert len(sent(lambda: payment.step(alice.pk))) == 1
    assert alice.payment_attempts.count() == 1


# And one that asks whether anything else is due.
def test_the_attempts_of_all_payments_that_are_due_are_two_statements(
    flight: Flight, sent: Sent
) -> None:
    payment.due_steps(1)  # Now and then it looks for refunds that wait.
    payments = [a_payment(flight, f"{row}A") for row in range(1, 21)]
    assert len(sent(lambda: payment.due_steps(len(payments) + 1))) == 2
    assert {standing(each)[0] for each in payments} == {State.PAYMENT_PROCESSING}
    assert all(each.payment_attempts.count() == 1 for each in payments)


def test_a_charge_is_one_statement_in_the_books_of_the_simulated_gateway(
    flight: Flight, sent: Sent
) -> None:
    def charge(key: str) -> None:
        gateway().charge(key=key, amount_cents=20_000, currency="EUR", code="00000")

    charge("1")  # The first of a process opens the books' own connection.
    assert len(sent(lambda: charge("2"))) == 1


def test_a_confirmation_is_one_statement(flight: Flight, sent: Sent) -> None:
    alice = a_payment(flight, "12A")
    payment.step(alice.pk)
    assert len(sent(lambda: payment_answers.record_answer(alice.pk, 1, APPROVED))) == 1
    assert standing(alice) == (State.CONFIRMED, PaymentStatus.CHARGED)


def test_a_confirmation_that_is_to_be_sent_is_one_statement_too(flight: Flight, sent: Sent) -> None:
    alice = a_payment(flight, "12A", name="Alice", email="alice@example.org")
    payment.step(alice.pk)
    assert len(sent(lambda: payment_answers.record_answer(alice.pk, 1, APPROVED))) == 1
    assert alice.messages.count() == 1


def test_cancelling_for_a_refund_is_one_statement(flight: Flight, sent: Sent) -> None:
    alice = a_confirmed_booking(flight, "12A")
    assert len(sent(lambda: saga.cancel_and_refund(booking_id=alice.pk, by="bob"))) == 1
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUND_DUE)


# Of these one is the simulated gateway's.
def test_a_refund_is_two_statements_once_it_is_taken_up(flight: Flight, sent: Sent) -> None:
    alice = a_confirmed_booking(flight, "12A")
    saga.cancel_and_refund(booking_id=alice.pk, by="bob")
    refund = payment.step(alice.pk)
    assert refund
    assert len(sent(refund)) == 2
    assert standing(alice) == (State.CANCELLED, PaymentStatus.REFUNDED)


def test_the_expiry_of_a_hundred_holds_is_one_statement(flight: Flight, sent: Sent) -> None:
    due = [a_hold(flight, f"{row}{letter}") for row in range(1, 26) for letter in "ABCD"]
    for hold in due:
        run_out(hold)
    assert len(sent(lambda: holds.expire_due(500))) == 1
    assert Booking.objects.filter(state=State.EXPIRED).count() == 100


# A hold, the start of the payment, an attempt, its charge, and the confirmation.
def test_a_booking_is_five_statements_from_the_first_click_to_its_confirmation(
    flight: Flight, sent: Sent
) -> None:
    def book() -> None:
        alice = a_payment(flight, "12A")
        if charge := payment.step(alice.pk):
            charge()

    assert len(sent(book)) == 5
    assert Booking.objects.filter(state=State.CONFIRMED).exists()


def test_pages_read_more_than_the_api(flight: Flight, sent: Sent) -> None:
    browser, seat = Client(), f"/flights/{flight.pk}/seat/"
    costs = {"map": len(sent(lambda: browser.get(f"/flights/{flight.pk}/")))}
    wanted = {"seat": "12A", "wanted": "true"}
    costs["hold"] = len(sent(lambda: browser.post(seat, wanted, headers=HTMX)))
    page = f"/bookings/{Booking.objects.get(seats=['12A']).pk}/"
    costs["booking"] = len(sent(lambda: browser.get(page)))
    who = {"p0-given": "Ada"}
    costs["name"] = len(sent(lambda: browser.post(f"{page}passengers/", who, headers=HTMX)))
    costs["pay"] = len(sent(lambda: browser.post(f"{page}pay/", {"code": "00000"}, headers=HTMX)))
    costs["progress"] = len(sent(lambda: browser.get(f"{page}progress/?seen=3", headers=HTMX)))
    assert costs == {"map": 1, "hold": 3, "booking": 1, "name": 4, "pay": 2, "progress": 1}


def test_a_transaction_of_several_statements_would_be_counted_whole(
    flight: Flight, sent: Sent
) -> None:
    cancelled = sent(lambda: saga.cancel_flight(flight_id=flight.pk, by="bob"))
    assert cancelled[-2:] == ["BEGIN", "COMMIT"]

"""With Redis off no worker is woken: what is to be told waits in Postgres, and nothing is lost."""

import pytest

from bookings import saga
from bookings.invariants import broken
from bookings.models import Kind, Message
from bookings.notifications.outbox import send_due
from bookings.saga.reminders import BEFORE
from flights.models import Flight
from tests.bookings.notifications.ada import ADA, BY, Mails, a_booking_of_ada
from tests.people import a_hold, a_payment, let_time_pass, named, settle
from tests.running import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_kind_is_written_all_the_same_and_sent_once(
    flight: Flight, redis_server: RedisServer, mailoutbox: Mails
) -> None:
    redis_server.stop()
    ada = a_booking_of_ada(flight, "12A", "12B")
    settle(a_payment(flight, "13A", code="11111", **ADA))
    hold = named(a_hold(flight, "14A"), email="ada@example.org")
    let_time_pass(hold, 901 - BEFORE.total_seconds())
    saga.sweep()
    saga.reseat(booking_id=ada.pk, seats=["15A", "15B"], by=BY)
    saga.delay_flight(flight_id=flight.pk, minutes=30, by=BY)
    quote = saga.quote_cancellation(booking_id=ada.pk, seats=["15A"])
    saga.cancel_as_quoted(booking_id=ada.pk, quote_id=quote.id)
    settle(ada)
    as_a_worker_would()
    saga.cancel_and_refund(booking_id=ada.pk, by=BY)
    for _ in "twice":
        as_a_worker_would()
    assert set(Message.objects.values_list("kind", flat=True)) == {*Kind}
    assert len(mailoutbox) == Message.objects.filter(sent_at__isnull=False).count() == 9
    assert list(broken()) == []


def as_a_worker_would() -> None:
    """Once there is Redis again."""
    for booking_id in set(Message.objects.values_list("booking", flat=True)):
        send_due(booking_id)

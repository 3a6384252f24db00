"""What migrations make of bookings that are there."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from bookings.models import Message
from flights.models import Flight
from tests.bookings.notifications.ada import a_booking_of_ada
from tests.people import change

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def latest() -> Iterator[None]:
    """Whatever becomes of the test, the next finds the tables as they are now."""
    yield
    migrate()


def migrate(*to: str) -> None:
    call_command("migrate", "bookings", *to, interactive=False, verbosity=0)


def test_confirmations_of_the_version_before_are_sent_all_the_same(
    flight: Flight, latest: None
) -> None:
    waits, failed, sent, unneeded = (a_booking_of_ada(flight, f"{row}A") for row in range(1, 5))
    change(sent, "confirmation_sent")
    sent.messages.update(due_at=None)
    failed.messages.update(failing_since=failed.created_at, error="OSError: on fire")
    Message.objects.filter(booking=unneeded).update(due_at=None)
    migrate("0008_passenger_rights")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, confirmation_error FROM bookings_booking"
            " WHERE confirmation_due_at IS NOT NULL"
        )
        assert dict(cursor.fetchall()) == {waits.pk: "", failed.pk: "OSError: on fire"}
    migrate()
    assert waits.messages.get().due_at
    assert failed.messages.get().failing_since == failed.created_at
    assert (sent.messages.get().due_at, unneeded.messages.get().due_at) == (None, None)
    assert sent.messages.get().sent_at == sent.events.get(name="confirmation_sent").at

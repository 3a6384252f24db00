"""Only who made a booking acts on it: the saga's own rule, whoever calls."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from bookings import saga
from bookings.errors import NotYours
from bookings.models import Booking
from flights.models import Flight
from tests.people import a_confirmed_booking, a_hold, a_payment, run_out

pytestmark = pytest.mark.django_db(transaction=True)

ACTS: dict[str, Callable[..., Booking]] = {
    "pay": partial(saga.start_payment, code="00000"),
    "change": partial(saga.update_seats, seats=["14A"]),
    "give some back": partial(saga.update_seats, seats=[]),
    "cancel": saga.cancel,
}
MAKERS: list[Callable[..., Booking]] = [a_hold, a_payment, a_confirmed_booking]
each_act = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)


@each_act
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("maker", "asker"),
    [(UUID(int=1), UUID(int=2)), (UUID(int=1), None), (None, UUID(int=2))],
    ids=["another browser", "a program", "a browser, for a program's"],
)
def test_nobody_else_acts_on_it(
    flight: Flight, act: Any, make: Any, maker: UUID | None, asker: UUID | None
) -> None:
    booking = make(flight, "12A", browser_id=maker)
    with pytest.raises(NotYours):
        act(booking_id=booking.pk, browser_id=asker)
    assert saga.look(booking.pk).version == booking.version


@each_act
@pytest.mark.parametrize("who", [None, UUID(int=1)], ids=["a program", "a browser"])
def test_who_made_it_does(flight: Flight, act: Any, who: UUID | None) -> None:
    booking = a_hold(flight, "12A", browser_id=who)
    assert act(booking_id=booking.pk, browser_id=who).version == booking.version + 1


def test_a_stranger_is_not_even_told_that_its_time_is_over(flight: Flight) -> None:
    booking = a_hold(flight, "12A", browser_id=uuid4())
    run_out(booking)
    with pytest.raises(NotYours):
        saga.cancel(booking_id=booking.pk, browser_id=uuid4())


def test_a_stranger_leaves_no_seat_locked(flight: Flight) -> None:
    booking = a_hold(flight, "12A", browser_id=uuid4())
    with pytest.raises(NotYours):
        saga.update_seats(booking_id=booking.pk, seats=["12A", "14A"], browser_id=uuid4())
    a_hold(flight, "14A")

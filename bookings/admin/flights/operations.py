"""What operators may do to a flight, and what they are told before they do it.

The saga alone decides. The words here say what it will do; none where it will refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils import timezone

from bookings import saga
from bookings.admin.acting import ReasonForm
from bookings.admin.formats import clock
from bookings.saga.flight_operations import LONGEST_DELAY_MINUTES
from bookings.seats.load import Load
from flights.models import Flight

PERMISSION = "flights.operate_flight"
BLOCK_PERMISSION = "bookings.block_seat"


@dataclass(frozen=True)
class FlightOperation:
    """Something that operators do to flights."""

    name: str
    label: str
    # A use case of bookings.saga.flights. Raises NotPossible.
    run: Callable[..., Flight]
    # What will happen to the flight, which has this load; "" where it will be refused.
    foretell: Callable[[Flight, Load], str]
    form: type[ReasonForm] = ReasonForm


class DelayForm(ReasonForm):
    """How much later."""

    minutes = forms.IntegerField(
        label="Minutes later",
        min_value=1,
        max_value=LONGEST_DELAY_MINUTES,
        widget=forms.NumberInput({"class": "vIntegerField"}),
    )
    field_order = ("minutes", "reason")


def _close(flight: Flight, load: Load) -> str:
    if not flight.on_sale:
        return ""
    return (
        f"Nobody can hold a seat any more. {_people(load.sold)} stay booked, and "
        f"{_people(load.held)} can still pay."
    )


def _reopen(flight: Flight, load: Load) -> str:
    if flight.on_sale or flight.cancelled_at or flight.departure <= timezone.now():
        return ""
    return f"{flight.layout.total_seats - sum(load)} seats can be held at once."


def _delay(flight: Flight, load: Load) -> str:
    if flight.cancelled_at:
        return ""
    return (
        f"It departs later than {clock(flight.departure)} and arrives as much later than "
        f"{clock(flight.arrival)}. {_people(load.sold + load.held)} see the new times."
    )


def _cancel(flight: Flight, load: Load) -> str:
    if flight.cancelled_at or flight.arrival <= timezone.now():
        return ""
    return (
        f"It is never sold again. {_people(load.sold)} get their money back, {_people(load.held)} "
        "lose their hold; a payment that is running ends and is given back."
    )


def _people(seats: int) -> str:
    return f"{seats} passenger{'' if seats == 1 else 's'}"


OPERATIONS = {
    operation.name: operation
    for operation in (
        FlightOperation("close", "Close for sale", saga.close_flight, _close),
        FlightOperation("reopen", "Open for sale again", saga.reopen_flight, _reopen),
        FlightOperation("delay", "Delay", saga.delay_flight, _delay, DelayForm),
        FlightOperation("cancel", "Cancel the flight", saga.cancel_flight, _cancel),
    )
}

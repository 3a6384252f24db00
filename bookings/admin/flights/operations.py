"""What staff may do to a flight, and what they are told before they do it.

The saga alone decides. The words here say what it will do; none where it will refuse.
"""

from collections.abc import Sequence

from django import forms
from django.db.models import Count, QuerySet
from django.utils import timezone

from bookings import saga
from bookings.admin.formats import clock
from bookings.admin.forms import ReasonForm
from bookings.admin.operations import OperatedPages, Operation, by_name
from bookings.admin.permissions import OPERATE_FLIGHTS
from bookings.saga.flight_operations import LONGEST_DELAY_MINUTES
from bookings.seats.load import Load, load_of
from flights.models import Flight


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


def _sold(flight: Flight) -> str:
    if flight.cancelled_at:
        return "cancelled"
    return "yes" if flight.on_sale else "no"


OPERATIONS = by_name(
    Operation("close", "Close for sale", OPERATE_FLIGHTS, saga.close_flight, _close),
    Operation("reopen", "Open for sale again", OPERATE_FLIGHTS, saga.reopen_flight, _reopen),
    Operation("delay", "Delay", OPERATE_FLIGHTS, saga.delay_flight, _delay, DelayForm),
    Operation("cancel", "Cancel the flight", OPERATE_FLIGHTS, saga.cancel_flight, _cancel),
)


class OperatedFlights(OperatedPages[Flight, Load]):
    """Of a flight is known how full it is; and each is acted on as it was seen: of two who decide
    at once, the second is told."""

    operations = OPERATIONS
    operate_at_once = 50
    confirmed_columns = {
        "Departure": lambda flight: f"{flight.departure:%Y-%m-%d %H:%M} UTC",
        "On sale": _sold,
    }

    def operated(self) -> QuerySet[Flight]:
        flights = Flight.objects.select_related("layout")
        return flights.annotate(version=Count("events"))  # type: ignore[no-redef]

    def known(self, things: Sequence[Flight]) -> list[Load]:
        loads = load_of(things)
        return [loads.get(flight.pk, Load()) for flight in things]

    def arguments(self, thing: Flight, version: int) -> dict[str, object]:
        return {"flight_id": thing.pk, "version": version}

    def identity(self, thing: Flight) -> str:
        return f"{thing.pk}:{thing.version}"

"""A flight is delayed or gets another aircraft: whoever has paid says what becomes of the booking.

It stays, goes to another flight of the route at no cost, or ends with all the money back. Each
flight counts its disruptions, and each booking how many of them its customer has accepted: who has
not answered is whoever has accepted fewer. A flight that is cancelled ends its bookings by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet

from bookings.errors import NotYours
from bookings.live import publish
from bookings.models import Booking, State
from bookings.saga.disruption_transitions import (
    CANCELLED_FOR_DISRUPTION,
    FLIGHT_ACCEPTED,
    REBOOKED,
)
from bookings.saga.holds import find_booking, tell_ended
from bookings.saga.other_flights import Offer, move, offers
from bookings.saga.statements import make
from flights.clock import database_clock
from flights.models import Flight, FlightEvent

# Events of a flight that are one each.
DISRUPTING = ("delayed", "aircraft_swapped")


@dataclass(frozen=True)
class Disruption:
    """What is to be answered for a booking."""

    booking: Booking
    # What was done to its flight since it was held or last answered, the oldest first.
    events: Sequence[FlightEvent]
    # The flights that it may take instead, and where its party would sit.
    offers: Sequence[Offer]


def is_asked(booking: Booking, flight: Flight) -> bool:
    """Whether its flight is no longer as its customer has accepted it."""
    is_paid = booking.state == State.CONFIRMED and not flight.cancelled_at
    return is_paid and flight.disruptions > booking.accepted_disruptions


def unanswered(flight: Flight) -> QuerySet[Booking]:
    """The paid bookings of a flight whose customers have not answered yet."""
    paid = Booking.objects.filter(flight=flight, state=State.CONFIRMED)
    return paid.filter(accepted_disruptions__lt=F("flight__disruptions")).order_by("pk")


def find_disruption(*, booking_id: UUID, browser_id: UUID | None = None) -> Disruption | None:
    """What is to be answered, and how it can be; None if nothing is. `browser_id` is who asks.

    Raises BookingNotFound, NotYours.
    """
    booking = find_booking(booking_id)
    if not booking.is_of(browser_id):
        raise NotYours
    flight = booking.flight
    if not is_asked(booking, flight) or flight.departure <= database_clock():
        return None
    events = flight.events.filter(name__in=DISRUPTING).order_by("-pk")
    latest = events[: flight.disruptions - booking.accepted_disruptions]
    possible = [offer for offer in offers(booking) if offer.seats and offer.flight.on_sale]
    return Disruption(booking, list(reversed(latest)), possible)


def accept_flight(
    *,
    booking_id: UUID,
    browser_id: UUID | None = None,
    version: int | None = None,
    seen: int | None = None,
) -> Booking:
    """Travel on the flight as it is now; `seen` is how many disruptions of it somebody saw.

    Raises BookingNotFound, NotYours, BookingChanged, and NotPossible, also where there are others.
    """
    about = {"browser_id": browser_id, "version": version, "seen": seen}
    booking = make(FLIGHT_ACCEPTED, booking_id, **about)
    publish.booking_changed(booking)
    return booking


def take_other_flight(
    *, booking_id: UUID, flight_id: int, browser_id: UUID | None = None, version: int | None = None
) -> Booking:
    """Travel on another flight of the route instead, in the same cabin, at no cost.

    Raises BookingNotFound, FlightNotFound, NotYours, BookingChanged, and NotPossible: no such
    flight, no room on it, nothing to answer.
    """
    return move(
        REBOOKED,
        booking_id,
        flight_id,
        by=REBOOKED.by,
        browser_id=browser_id,
        version=version,
    )


def take_full_refund(
    *, booking_id: UUID, browser_id: UUID | None = None, version: int | None = None
) -> Booking:
    """Travel not at all: the seats are free, and all that was paid goes back.

    Raises BookingNotFound, NotYours, BookingChanged, NotPossible.
    """
    about = {"browser_id": browser_id, "version": version}
    booking = make(CANCELLED_FOR_DISRUPTION, booking_id, **about)
    tell_ended(booking)
    return booking

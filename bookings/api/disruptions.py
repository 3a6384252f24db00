"""What becomes of a paid order whose flight is delayed or has another aircraft. The rules are the
saga's."""

from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from bookings import saga
from bookings.api.errors import OF_CHANGES, refusals
from bookings.api.fields import FlightId, Instant, OrderId, SeatId, Shape
from bookings.api.schemas import OrderBrief
from bookings.errors import BookingNotFound, FlightNotFound, NotPossible, NotYours
from bookings.models import State

router = Router(tags=["Disruptions"])


class OtherFlight(Shape):
    """A flight that the order may take instead, at no cost."""

    flight_id: Annotated[str, Field(pattern="^[0-9]+$", examples=["4711"])]
    departure_time: Instant
    arrival_time: Instant
    seats: Annotated[list[SeatId], Field(description="The seats that it would have, in its order")]


class Disruption(Shape):
    """Whether something has changed that is not answered, and what may be answered."""

    is_open: bool
    what: Annotated[
        list[str],
        Field(
            description="What was done to the flight, the oldest first",
            json_schema_extra={
                "items": {"type": "string", "enum": ["delayed", "aircraft_swapped"]}
            },
        ),
    ]
    flights: list[OtherFlight]


class Choice(StrEnum):
    """What becomes of the order."""

    ACCEPT = "accept"
    OTHER_FLIGHT = "other_flight"
    REFUND = "refund"


class Answer(Shape):
    """What its customer wants."""

    answer: Annotated[
        Choice,
        Field(
            description="accept: travel as it is now; other_flight: with `flightId`; refund: all "
            "that was paid goes back"
        ),
    ]
    flight_id: Annotated[FlightId | None, Field(description="One of `flights`")] = None


class OrderAnswered(OrderBrief):
    """The order after it."""

    flight_id: Annotated[str, Field(pattern="^[0-9]+$", examples=["4711"])]
    seats: list[SeatId]


@router.get(
    "/orders/{order_id}/disruption",
    response={200: Disruption} | refusals(BookingNotFound, NotYours),
    by_alias=True,
    operation_id="getDisruption",
    summary="What has changed on its flight",
)
def disruption(request: HttpRequest, order_id: Path[OrderId]) -> Status[Disruption]:
    """What was done to the flight of a paid order since it was held or last answered.

    A cancelled flight asks nothing: all that was paid for it goes back by itself.
    """
    found = saga.find_disruption(booking_id=order_id)
    if found is None:
        return Status(200, Disruption(is_open=False, what=[], flights=[]))
    flights = [
        OtherFlight(
            flight_id=str(offer.flight.pk),
            departure_time=offer.flight.departure,
            arrival_time=offer.flight.arrival,
            seats=list(offer.seats),
        )
        for offer in found.offers
    ]
    what = [event.name for event in found.events]
    return Status(200, Disruption(is_open=True, what=what, flights=flights))


@router.post(
    "/orders/{order_id}/disruption",
    response={200: OrderAnswered}
    | refusals(*OF_CHANGES, BookingNotFound, FlightNotFound, NotYours, NotPossible),
    by_alias=True,
    operation_id="answerDisruption",
    summary="Accept it, take another flight, or have all money back",
)
def answer(request: HttpRequest, order_id: Path[OrderId], said: Answer) -> Status[OrderAnswered]:
    """Answer once, as long as the flight has not left. Nothing of it costs anything."""
    about: dict[str, Any] = {"booking_id": order_id}
    if said.answer == Choice.ACCEPT:
        booking = saga.accept_flight(**about)
    elif said.answer == Choice.REFUND:
        booking = saga.take_full_refund(**about)
    elif said.flight_id is None:
        raise FlightNotFound
    else:
        booking = saga.take_other_flight(**about, flight_id=said.flight_id)
    return Status(
        200,
        OrderAnswered(
            order_id=booking.pk,
            status=State(booking.state),
            flight_id=str(booking.flight_id),
            seats=booking.seats,
        ),
    )

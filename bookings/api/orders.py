"""Orders: seats held, changed, paid for and given up. Every rule is the saga's."""

from datetime import datetime
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status

from bookings import saga
from bookings.api.errors import OF_CHANGES, refusals
from bookings.api.fares import sold
from bookings.api.fields import OrderId
from bookings.api.schemas import (
    FareChoice,
    Naming,
    NewOrder,
    OrderBrief,
    OrderHeld,
    OrderPaid,
    OrderPassengers,
    OrderSeats,
    OrderStatus,
    PassengerShape,
    Payment,
    SeatChoice,
)
from bookings.errors import (
    BookingChanged,
    BookingNotFound,
    FlightCancelled,
    FlightNotFound,
    InvalidContact,
    InvalidFare,
    InvalidPassengers,
    InvalidPaymentCode,
    InvalidSeats,
    NoSeats,
    NotOnSale,
    NotPossible,
    NotYours,
    PassengersMissing,
    SeatTaken,
)
from bookings.models import HOLDING, Booking, Passenger, State
from bookings.models.passengers import everybody
from bookings.saga import NO_HOLD

router = Router(tags=["Orders"])

# What can be done next with the id that a new order answers, for readers and test tools.
LINKS = {
    operation: {"operationId": operation, "parameters": {"order_id": "$response.body#/orderId"}}
    for operation in (
        *("updateSeats", "namePassengers", "chooseFare"),
        *("getOrderStatus", "payOrder", "cancelOrder"),
    )
}


@router.post(
    "/orders",
    response={201: OrderHeld}
    | refusals(*OF_CHANGES, FlightNotFound, NotOnSale, InvalidSeats, InvalidFare, SeatTaken),
    by_alias=True,
    operation_id="createOrder",
    summary="Hold seats",
    openapi_extra={"responses": {201: {"links": LINKS}}},
)
def create_order(
    request: HttpRequest, response: HttpResponse, order: NewOrder
) -> Status[OrderHeld]:
    """Hold all these seats, or none of them.

    Answered when they are really held; nobody else can have them until `expiresAt`. Each call
    makes a new order.
    """
    booking = saga.hold_seats(flight_id=order.flight_id, seats=order.seats, fare=order.fare)
    response["Location"] = f"{request.path}/{booking.pk}/status"
    return Status(201, OrderHeld(**_seats(booking), workflow_id=f"booking-{booking.pk}"))


@router.put(
    "/orders/{order_id}/seats",
    response={200: OrderSeats}
    | refusals(
        *OF_CHANGES,
        BookingNotFound,
        NotYours,
        InvalidSeats,
        InvalidFare,
        SeatTaken,
        *NO_HOLD.values(),
    ),
    by_alias=True,
    operation_id="updateSeats",
    summary="Change the seats",
)
def update_seats(
    request: HttpRequest, order_id: Path[OrderId], choice: SeatChoice
) -> Status[OrderSeats]:
    """Replace the order's seats by these, all or nothing, and start its clock again.

    If one of them is taken the order keeps the seats and the time it had.
    """
    booking = saga.update_seats(booking_id=order_id, seats=choice.seats, fare=choice.fare)
    return Status(200, OrderSeats(**_seats(booking)))


@router.put(
    "/orders/{order_id}/fare",
    response={200: OrderSeats}
    | refusals(*OF_CHANGES, BookingNotFound, NotYours, InvalidFare, *NO_HOLD.values()),
    by_alias=True,
    operation_id="chooseFare",
    summary="Choose the fare",
)
def choose_fare(
    request: HttpRequest, order_id: Path[OrderId], choice: FareChoice
) -> Status[OrderSeats]:
    """Sell the held seats at another fare: another price, other conditions, the same clock.

    Which there are, a flight's `fares` tell. From the payment on the fare stays.
    """
    booking = saga.choose_fare(booking_id=order_id, fare=choice.fare)
    return Status(200, OrderSeats(**_seats(booking)))


@router.put(
    "/orders/{order_id}/passengers",
    response={200: OrderPassengers}
    | refusals(
        *OF_CHANGES,
        BookingNotFound,
        NotYours,
        InvalidPassengers,
        InvalidContact,
        BookingChanged,
        NotPossible,
        *NO_HOLD.values(),
    ),
    by_alias=True,
    operation_id="namePassengers",
    summary="Say who travels",
)
def name_passengers(
    request: HttpRequest, order_id: Path[OrderId], naming: Naming
) -> Status[OrderPassengers]:
    """Name one passenger for each held seat, all or nothing; infants have no seat of their own.

    Not needed to pay. Again it replaces what was said; once the order is paid, only slips in the
    names that were paid for are corrected, by a few letters. Who changes the seats takes the
    passengers along: whose seat is kept keeps it.
    """
    said = [
        saga.Said(one.seat, one.given_name, one.family_name, one.type, one.date_of_birth)
        for one in naming.passengers
    ]
    booking = saga.name_passengers(booking_id=order_id, said=said, email=naming.email)
    passengers = [
        _passenger(seat, one)
        for seat, seated in zip(booking.seats, booking.passengers, strict=True)
        for one in everybody([seated])
    ]
    return Status(
        200,
        OrderPassengers(order_id=booking.pk, status=State(booking.state), passengers=passengers),
    )


@router.get(
    "/orders/{order_id}/status",
    response={200: OrderStatus} | refusals(BookingNotFound, NotYours),
    by_alias=True,
    operation_id="getOrderStatus",
    summary="How an order stands",
)
def order_status(request: HttpRequest, order_id: Path[OrderId]) -> Status[OrderStatus]:
    """The order as it is now, and how long its hold has left by the server's clock.

    After paying, ask every two seconds until it is CONFIRMED or FAILED.
    """
    booking = _as_it_stands(order_id)
    return Status(
        200,
        OrderStatus(
            **_seats(booking),
            timer_remaining=_seconds_left(booking),
            payment_attempts=booking.attempts,
            last_error=booking.last_error or None,
            record_locator=booking.record_locator,
        ),
    )


@router.post(
    "/orders/{order_id}/pay",
    response={200: OrderPaid, 202: OrderBrief}
    | refusals(
        *OF_CHANGES,
        BookingNotFound,
        NotYours,
        InvalidPaymentCode,
        InvalidContact,
        PassengersMissing,
        NoSeats,
        FlightCancelled,
        *NO_HOLD.values(),
    ),
    by_alias=True,
    operation_id="payOrder",
    summary="Pay",
)
def pay_order(
    request: HttpRequest, order_id: Path[OrderId], payment: Payment
) -> Status[OrderBrief]:
    """Start paying for the held seats; the order's status tells what became of it.

    The same code again gets the same answer while the payment runs, and 200 with the record
    locator once it is paid; it is charged once. Another code is told how the order stands.
    """
    booking = saga.start_payment(
        booking_id=order_id, code=payment.payment_code, name=payment.name, email=payment.email
    )
    brief: dict[str, Any] = {"order_id": booking.pk, "status": booking.state}
    if booking.record_locator:
        return Status(200, OrderPaid(**brief, record_locator=booking.record_locator))
    return Status(202, OrderBrief(**brief))


@router.delete(
    "/orders/{order_id}",
    response={204: None} | refusals(*OF_CHANGES, BookingNotFound, NotYours, *NO_HOLD.values()),
    operation_id="cancelOrder",
    summary="Give the seats back",
)
def cancel_order(request: HttpRequest, order_id: Path[OrderId]) -> Status[None]:
    """End an order that is not paid. Again: the same answer."""
    saga.cancel(booking_id=order_id)
    return Status(204, None)


def _as_it_stands(order_id: OrderId) -> Booking:
    """The booking; a hold that is over by the database's time says so.

    Raises BookingNotFound, and NotYours for one that a browser made.
    """
    booking = saga.look(order_id)
    if not booking.is_of(None):
        raise NotYours
    if booking.state in HOLDING and _seconds_left(booking) == 0:
        saga.advance(order_id)
        booking = saga.look(order_id)
    return booking


def _seconds_left(booking: Booking) -> int:
    """Until the hold ends, rounded up: 0 means that it is over, or that no hold is running."""
    end = _end_of_hold(booking)
    return max(0, ceil((end - booking.now).total_seconds())) if end else 0


def _end_of_hold(booking: Booking) -> datetime | None:
    return booking.due_at if booking.state in HOLDING else None


def _passenger(seat: str, passenger: Passenger) -> PassengerShape:
    return PassengerShape(
        seat=seat,
        given_name=passenger.given,
        family_name=passenger.family,
        type=passenger.type,
        date_of_birth=passenger.born,
    )


def _seats(booking: Booking) -> dict[str, Any]:
    conditions = sold(booking)
    return {
        "order_id": booking.pk,
        "flight_id": str(booking.flight_id),
        "status": booking.state,
        "seats": booking.seats,
        "expires_at": _end_of_hold(booking),
        "total_cents": booking.total_cents,
        "currency": booking.currency,
        "fare": conditions.fare,
        "conditions": conditions,
    }

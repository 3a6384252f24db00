"""Other seats for a paid order: held first, then paid for if they cost something. The rules are
the saga's."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status
from pydantic import Field

from bookings import saga
from bookings.api.errors import OF_CHANGES, refusals
from bookings.api.fields import (
    SMALLEST_UNIT,
    ChangeId,
    Code,
    Currency,
    Instant,
    OrderId,
    SeatAsked,
    SeatId,
    Shape,
    some_seats,
)
from bookings.errors import (
    BookingNotFound,
    ChangeNotFound,
    ChangeOutdated,
    FlightCancelled,
    InvalidPaymentCode,
    InvalidSeats,
    NotOnSale,
    NotPossible,
    NotYours,
    OpenChangeExists,
    PricesChanged,
    SeatTaken,
)
from bookings.models import HOLDING, Change, State
from bookings.saga import NO_HOLD

router = Router(tags=["Changes"])


class Changing(Shape):
    """The seats that the order shall have: as many as it has, those that it keeps among them."""

    seats: Annotated[list[SeatAsked], some_seats(1)]


class ChangePayment(Shape):
    """What to pay with."""

    payment_code: Code


class OrderChange(Shape):
    """A change, and where it stands."""

    change_id: ChangeId
    status: Annotated[
        State,
        Field(
            description="SEATS_RESERVED: to be paid for. CHANGED: the order has its new seats. "
            "FAILED, EXPIRED, CANCELLED: the order is as it was",
            examples=["SEATS_RESERVED"],
        ),
    ]
    seats: Annotated[list[SeatId], Field(description="All that the order is to have")]
    expires_at: Annotated[
        Instant | None,
        Field(description="Until then the new seats are held; null when it need not be paid for"),
    ]
    difference_cents: Annotated[
        int, Field(description=f"To be paid; below zero, what goes back. {SMALLEST_UNIT}")
    ]
    currency: Currency
    last_error: Annotated[
        str | None, Field(description="Why the payment failed, or the change was of no use")
    ]


OF_ALL = (BookingNotFound, NotYours, ChangeNotFound)
LINKS = {
    operation: {
        "operationId": operation,
        "parameters": {
            "order_id": "$request.path.order_id",
            "change_id": "$response.body#/changeId",
        },
    }
    for operation in ("getChange", "payChange", "giveUpChange")
}


@router.post(
    "/orders/{order_id}/changes",
    response={201: OrderChange}
    | refusals(
        *OF_CHANGES,
        BookingNotFound,
        NotYours,
        NotPossible,
        InvalidSeats,
        SeatTaken,
        NotOnSale,
        PricesChanged,
        OpenChangeExists,
        ChangeOutdated,
    ),
    by_alias=True,
    operation_id="startChange",
    summary="Change the seats of a paid order",
    openapi_extra={"responses": {201: {"links": LINKS}}},
)
def start_change(
    request: HttpRequest, response: HttpResponse, order_id: Path[OrderId], changing: Changing
) -> Status[OrderChange]:
    """Hold other seats for a paid order, all or none, while it keeps its own.

    What costs nothing is done at once, and what goes back by the fare's conditions is on its way.
    Otherwise pay until `expiresAt`, and then ask how it stands. An order has one open change.
    """
    change = saga.start_change(booking_id=order_id, seats=changing.seats)
    response["Location"] = f"{request.path}/{change.pk}"
    return Status(201, _as_it_stands(change))


@router.get(
    "/orders/{order_id}/changes/{change_id}",
    response={200: OrderChange} | refusals(*OF_ALL),
    by_alias=True,
    operation_id="getChange",
    summary="How a change stands",
)
def change_status(
    request: HttpRequest, order_id: Path[OrderId], change_id: Path[ChangeId]
) -> Status[OrderChange]:
    """After paying, ask every two seconds until it is CHANGED or FAILED."""
    change = saga.look_at_change(booking_id=order_id, change_id=change_id)
    return Status(200, _as_it_stands(change))


@router.post(
    "/orders/{order_id}/changes/{change_id}/pay",
    response={200: OrderChange, 202: OrderChange}
    | refusals(
        *OF_CHANGES,
        *OF_ALL,
        InvalidPaymentCode,
        ChangeOutdated,
        FlightCancelled,
        *NO_HOLD.values(),
    ),
    by_alias=True,
    operation_id="payChange",
    summary="Pay for a change",
)
def pay_change(
    request: HttpRequest,
    order_id: Path[OrderId],
    change_id: Path[ChangeId],
    payment: ChangePayment,
) -> Status[OrderChange]:
    """Start paying; the same code again is charged once, and answered 200 once it is made."""
    change = saga.pay_change(booking_id=order_id, change_id=change_id, code=payment.payment_code)
    made = change.booking.state == State.CHANGED
    return Status(200 if made else 202, _as_it_stands(change))


@router.delete(
    "/orders/{order_id}/changes/{change_id}",
    response={204: None} | refusals(*OF_CHANGES, *OF_ALL, *NO_HOLD.values()),
    operation_id="giveUpChange",
    summary="Give a change up",
)
def give_up_change(
    request: HttpRequest, order_id: Path[OrderId], change_id: Path[ChangeId]
) -> Status[None]:
    """Let the new seats go; the order keeps those that it has. Again: the same answer."""
    saga.give_up_change(booking_id=order_id, change_id=change_id)
    return Status(204, None)


def _as_it_stands(change: Change) -> OrderChange:
    booking = change.booking
    return OrderChange(
        change_id=change.pk,
        status=State(booking.state),
        seats=change.seats,
        expires_at=booking.due_at if booking.state in HOLDING else None,
        difference_cents=change.difference_cents,
        currency=booking.currency,
        last_error=booking.last_error or None,
    )

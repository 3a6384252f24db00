"""Giving a paid order back: a quote first, and then its confirmation. The rules are the saga's."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from bookings import saga
from bookings.api.errors import OF_CHANGES, refusals
from bookings.api.fields import (
    SMALLEST_UNIT,
    Cents,
    Currency,
    Instant,
    OrderId,
    SeatAsked,
    SeatId,
    Shape,
    some_seats,
)
from bookings.api.schemas import OrderBrief
from bookings.errors import (
    BookingNotFound,
    InvalidSeats,
    NotPossible,
    NotYours,
    QuoteEnded,
    QuoteNotFound,
)
from bookings.saga.cancellation import Quote

router = Router(tags=["Cancellations"])


class Cancelling(Shape):
    """Which seats are to be given back."""

    seats: Annotated[
        list[SeatAsked] | None, some_seats(1), Field(description="Left out: all of them")
    ] = None


class CancellationQuote(Shape):
    """What goes back, if it is confirmed in time."""

    quote_id: str
    seats: list[SeatId]
    refund_cents: Annotated[Cents, Field(description=f"What goes back. {SMALLEST_UNIT}")]
    fee_cents: Annotated[Cents, Field(description="What is kept of these seats' price")]
    currency: Currency
    valid_until: Annotated[Instant, Field(description="Until then it can be confirmed")]


class OrderCancelled(OrderBrief):
    """What was given back: an order with no seat left is CANCELLED."""

    seats: list[SeatId]
    refund_cents: Annotated[Cents, Field(description=f"What is on its way back. {SMALLEST_UNIT}")]
    fee_cents: Annotated[Cents, Field(description="What is kept of these seats' price")]
    currency: Currency


OF_BOTH = (*OF_CHANGES, BookingNotFound, NotYours, NotPossible)


@router.post(
    "/orders/{order_id}/cancellation",
    response={201: CancellationQuote} | refusals(*OF_BOTH, InvalidSeats),
    by_alias=True,
    operation_id="quoteCancellation",
    summary="Ask what goes back",
    openapi_extra={
        "responses": {
            201: {
                "links": {
                    "confirmCancellation": {
                        "operationId": "confirmCancellation",
                        "parameters": {
                            "order_id": "$request.path.order_id",
                            "quote_id": "$response.body#/quoteId",
                        },
                    }
                }
            }
        }
    },
)
def quote_cancellation(
    request: HttpRequest, order_id: Path[OrderId], cancelling: Cancelling | None = None
) -> Status[CancellationQuote]:
    """What goes back by the fare's conditions for some seats of a paid order, or for all.

    Nothing is changed; each call answers a new quote. An infant goes with its adult.
    """
    seats = cancelling.seats if cancelling else None
    quote = saga.quote_cancellation(booking_id=order_id, seats=seats)
    answer = CancellationQuote(quote_id=quote.id, valid_until=quote.valid_until, **_amounts(quote))
    return Status(201, answer)


@router.post(
    "/orders/{order_id}/cancellation/{quote_id}/confirm",
    response={202: OrderCancelled} | refusals(*OF_BOTH, QuoteNotFound, QuoteEnded),
    by_alias=True,
    operation_id="confirmCancellation",
    summary="Give seats back as quoted",
)
def confirm_cancellation(
    request: HttpRequest, order_id: Path[OrderId], quote_id: Path[str]
) -> Status[OrderCancelled]:
    """Give the quoted seats back. Again: the same answer.

    Refused where the order, or its flight's departure, has changed since. The refund is on its
    way when this is answered, and is tried until the payment provider has taken it.
    """
    quote = saga.cancel_as_quoted(booking_id=order_id, quote_id=quote_id)
    answer = OrderCancelled(order_id=order_id, status=quote.status, **_amounts(quote))
    return Status(202, answer)


def _amounts(quote: Quote) -> dict[str, Any]:
    return {
        "seats": list(quote.seats),
        "refund_cents": quote.refund_cents,
        "fee_cents": quote.fee_cents,
        "currency": quote.currency,
    }

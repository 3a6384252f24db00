"""What goes in and out of the JSON API: its field names are its promise to existing clients."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookings.api.fields import (
    CURSOR,
    SMALLEST_UNIT,
    AirportAsked,
    AirportCode,
    Cents,
    Code,
    Currency,
    FareCode,
    Feature,
    FlightId,
    Instant,
    PerCent,
    SeatAsked,
    SeatId,
    SeatState,
    Shape,
    like,
    schema,
    some_seats,
)
from bookings.models import MOST_ATTEMPTS, PassengerType, State
from flights.models import STANDARD
from flights.search import MOST_A_PAGE


class Search(Shape):
    """Which flights are asked for."""

    origin: AirportAsked = None
    destination: AirportAsked = None
    date: Annotated[
        dt.date | None,
        like("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date like 2026-12-24"),
        Field(description="Local date of departure, in this century"),
        schema("string", format="date", pattern="^20", examples=["2026-12-24"]),
    ] = None
    limit: Annotated[
        int,
        Field(ge=1, le=MOST_A_PAGE),
        like("[0-9]{1,9}", "a whole number"),
        schema("integer", minimum=1, maximum=MOST_A_PAGE),
    ] = MOST_A_PAGE
    after: Annotated[
        str | None,
        like(CURSOR, "the `next` of the page before"),
        Field(description="`next` of the page before"),
        schema("string", pattern=f"^{CURSOR}$"),
    ] = None


class FlightSummary(Shape):
    """A flight as the list shows it."""

    id: Annotated[str, Field(pattern="^[0-9]+$", examples=["4711"])]
    flight_number: Annotated[str, Field(examples=["AF1234"])]
    origin: AirportCode
    destination: AirportCode
    departure_time: Instant
    arrival_time: Instant
    total_seats: Annotated[int, Field(ge=1, examples=[176])]
    available_seats: Annotated[int, Field(ge=0, examples=[42])]
    price_cents: Annotated[
        Cents, Field(description=f"The cheapest seat when all are free. {SMALLEST_UNIT}")
    ]
    currency: Currency


class FlightPage(Shape):
    """Flights in order of departure."""

    flights: list[FlightSummary]
    next: Annotated[
        str | None, Field(description="Give it as `after` for the next page; null on the last")
    ]


class SeatShape(Shape):
    """One seat, as anybody may see it."""

    id: SeatId
    row: Annotated[int, Field(ge=1, examples=[12])]
    column: Annotated[str, Field(pattern="^[A-Z]$", description="The letter", examples=["A"])]
    position: Annotated[
        int, Field(ge=1, description="Place across the cabin from the left; an aisle is one too")
    ]
    status: Annotated[
        SeatState,
        Field(description="reserved: held by an order, may come free again; booked: sold"),
    ]
    cabin: Annotated[str, Field(examples=["economy"])]
    features: tuple[Feature, ...]
    price_cents: Cents


class SeatMap(Shape):
    """The cabin, from the nose to the tail."""

    rows: Annotated[
        int, Field(ge=1, description="The last row's number; some numbers may be skipped")
    ]
    seats_per_row: Annotated[int, Field(ge=1, description="Seats in the widest row")]
    seats: list[SeatShape]


class FareTerms(Shape):
    """What a fare costs and promises, in shares of the price."""

    fare: FareCode
    name: Annotated[str, Field(examples=["Standard"])]
    refund_percent: Annotated[
        PerCent, Field(description="Share of the price that goes back after a cancellation")
    ]
    refundable_until: Annotated[
        Instant | None, Field(description="Until when; null where nothing is refunded")
    ]
    change_fee_percent: Annotated[
        PerCent, Field(description="Share of the price that a change costs")
    ]


class FareOffered(FareTerms):
    """A fare of a flight. Without one an order gets `standard`."""

    price_percent: Annotated[
        int,
        Field(
            ge=1,
            description="Share of each seat's price, rounded half up to the currency's smallest "
            "unit",
            examples=[100],
        ),
    ]


class Conditions(FareTerms):
    """What was sold: it stays with the order, whatever fares are later."""

    refund_cents: Annotated[Cents, Field(description=f"What goes back. {SMALLEST_UNIT}")]
    change_fee_cents: Annotated[Cents, Field(description=f"Of each change. {SMALLEST_UNIT}")]
    currency: Currency


class FlightDetail(FlightSummary):
    """A flight with every seat."""

    fares: list[FareOffered]
    aircraft: Annotated[str, Field(examples=["Airbus A320"])]
    seat_map: SeatMap


class SeatChoice(Shape):
    """The seats an order shall have. An empty list gives all back and leaves the order open."""

    seats: Annotated[list[SeatAsked], some_seats(0)]
    fare: Annotated[FareCode | None, Field(description="Left out: the order keeps its fare")] = None


class FareChoice(Shape):
    """The fare that an order shall have."""

    fare: FareCode


class NewOrder(Shape):
    """A flight, and which of its seats."""

    flight_id: FlightId
    seats: Annotated[list[SeatAsked], some_seats(1)]
    fare: Annotated[FareCode | None, Field(description=f"Left out: {STANDARD}")] = None


class Payment(Shape):
    """What to pay with, and who travels."""

    payment_code: Code
    # How long they may be, and what an address looks like, is for the saga to refuse.
    name: Annotated[str, Field(description="Whose booking it is", examples=["Ada Lovelace"])] = ""
    email: Annotated[
        str, Field(description="Where the confirmation goes", examples=["ada@example.org"])
    ] = ""


class PassengerShape(Shape):
    """Who sits in a seat, or on the lap of the adult who sits there."""

    seat: Annotated[SeatAsked, Field(description="An infant has that of its adult")]
    given_name: Annotated[str, Field(description="May be missing", examples=["Ada"])] = ""
    family_name: Annotated[str, Field(description="May be missing", examples=["Lovelace"])] = ""
    # Which there are is for the saga to refuse.
    type: Annotated[
        str,
        Field(
            description="On the day of departure a child is not yet 12, an infant not yet 2",
            examples=["adult"],
            json_schema_extra={"enum": [*PassengerType.values]},
        ),
    ] = PassengerType.ADULT
    date_of_birth: Annotated[
        dt.date | None,
        like("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date like 2020-12-24"),
        Field(description="Of a child or an infant"),
        schema("string", "null", format="date", examples=["2020-12-24"]),
    ] = None


class Naming(Shape):
    """Who travels: one passenger for each seat of the order, infants besides."""

    passengers: list[PassengerShape]
    email: Annotated[
        str | None, Field(description="The lead passenger's; null leaves it as it was")
    ] = None


class OrderBrief(Shape):
    """An order's number and state."""

    order_id: UUID
    status: Annotated[
        State, Field(description="Where the order stands", examples=["SEATS_RESERVED"])
    ]


class OrderPaid(OrderBrief):
    """An order that is paid."""

    record_locator: Annotated[str, Field(description="To read over the phone", examples=["X7K2PM"])]


class OrderSeats(OrderBrief):
    """An order and its seats."""

    flight_id: Annotated[str, Field(pattern="^[0-9]+$", examples=["4711"])]
    seats: Annotated[list[SeatId], Field(description="The seats it has or, once it has ended, had")]
    expires_at: Annotated[
        Instant | None, Field(description="When the hold ends; null when no hold is running")
    ]
    total_cents: Cents
    currency: Currency
    fare: FareCode
    conditions: Conditions


class OrderPassengers(OrderBrief):
    """An order and who travels, in the order of its seats; an infant behind its adult."""

    passengers: list[PassengerShape]


class OrderHeld(OrderSeats):
    """A new order: its seats are held."""

    workflow_id: Annotated[str, Field(pattern="^booking-", examples=["booking-5b2f0a7e"])]


class OrderStatus(OrderSeats):
    """How an order stands now."""

    timer_remaining: Annotated[
        int, Field(ge=0, description="Seconds until the hold ends; 0 when no hold is running")
    ]
    payment_attempts: Annotated[
        int,
        Field(
            ge=0,
            le=MOST_ATTEMPTS,
            description="Tries at the payment, a running one included",
        ),
    ]
    last_error: Annotated[
        str | None, Field(description="Why the last payment attempt failed, in plain words")
    ]
    record_locator: Annotated[
        str | None,
        Field(description="Six characters, once the order is confirmed", examples=["X7K2PQ"]),
    ]

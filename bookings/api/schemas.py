"""What goes in and out of the JSON API: its field names are its promise to existing clients."""

import datetime as dt
import re
from typing import Annotated, Literal, cast
from uuid import UUID

from django.conf import settings
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict, JsonValue
from pydantic.fields import FieldInfo

from bookings.errors import BookingNotFound, FlightNotFound
from bookings.models import MOST_ATTEMPTS, PAYMENT_CODE, PassengerType, State
from flights.cabin.seats import FEATURES
from flights.search import MOST_A_PAGE


def _flight_id(value: object) -> int:
    """To a client an id is just a text: one that cannot be a flight's names no flight."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("Input should be the id of a flight")
    if not re.fullmatch(r"[1-9][0-9]{0,18}", str(value)):
        raise FlightNotFound
    return int(value)


def _order_id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise BookingNotFound from None


def _like(pattern: str, meaning: str) -> BeforeValidator:
    """Take only text of this form. Pydantic alone would read "5.0" as 5 and "5" as a date."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(f"Input should be {meaning}")
        return value

    return BeforeValidator(check)


def _schema(*types: str, **more: JsonValue) -> WithJsonSchema:
    """What to declare, where pydantic cannot tell from the type."""
    return WithJsonSchema({"type": types[0] if len(types) == 1 else list(types), **more})


def _utc(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


CURSOR = "[0-9a-f]{1,15}-[0-9a-f]{1,15}"
SMALLEST_UNIT = "In the smallest unit of the currency: 12345 is 123.45 EUR, but 12345 JPY"
SEAT = "^[1-9][0-9]{0,2}[A-Z]$"

FlightId = Annotated[
    int, BeforeValidator(_flight_id), _schema("string", "integer", examples=["4711"])
]
FlightIdInPath = Annotated[int, BeforeValidator(_flight_id), _schema("string", examples=["4711"])]
OrderId = Annotated[UUID, BeforeValidator(_order_id), _schema("string", format="uuid")]
AirportCode = Annotated[str, Field(pattern="^[A-Z]{3}$", description="IATA code", examples=["CDG"])]
AirportAsked = Annotated[
    str | None,
    _like("[A-Za-z]{3}", "an airport's three letters, like CDG"),
    Field(description="IATA code"),
    _schema("string", pattern="^[A-Za-z]{3}$", examples=["CDG"]),
]
SeatId = Annotated[str, Field(pattern=SEAT, description="Row and letter", examples=["12A"])]
# Which seats there are, and how many may be had, is for the saga to refuse.
SeatAsked = Annotated[str, Field(json_schema_extra={"pattern": SEAT, "examples": ["12A"]})]
Instant = Annotated[
    dt.datetime,
    PlainSerializer(_utc, return_type=str),
    _schema("string", format="date-time", description="UTC", examples=["2026-12-24T09:30:00.000Z"]),
]
Cents = Annotated[int, Field(ge=0, description=SMALLEST_UNIT, examples=[12900])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["EUR"])]
SeatState = Literal["available", "reserved", "booked"]
Feature = Annotated[str, Field(json_schema_extra={"enum": list(FEATURES)})]
Code = Annotated[
    str,
    Field(
        description="Five digits. In the demo 00000 succeeds, 99999 is declined each time and "
        "11111 is refused at once.",
        examples=["00000"],
        # Declared here, and refused by the saga in its own words.
        json_schema_extra={"pattern": f"^{PAYMENT_CODE.pattern}$"},
    ),
]


def _seats(at_least: int) -> FieldInfo:
    limits = {"minItems": at_least, "maxItems": settings.MAX_SEATS_PER_BOOKING}
    extra: JsonDict = {**limits, "uniqueItems": True}
    return cast(FieldInfo, Field(examples=[["12A", "12B"]], json_schema_extra=extra))


class Shape(BaseModel):
    """Snake case here, camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


class Search(Shape):
    """Which flights are asked for."""

    origin: AirportAsked = None
    destination: AirportAsked = None
    date: Annotated[
        dt.date | None,
        _like("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date like 2026-12-24"),
        Field(description="Local date of departure, in this century"),
        _schema("string", format="date", pattern="^20", examples=["2026-12-24"]),
    ] = None
    limit: Annotated[
        int,
        Field(ge=1, le=MOST_A_PAGE),
        _like("[0-9]{1,9}", "a whole number"),
        _schema("integer", minimum=1, maximum=MOST_A_PAGE),
    ] = MOST_A_PAGE
    after: Annotated[
        str | None,
        _like(CURSOR, "the `next` of the page before"),
        Field(description="`next` of the page before"),
        _schema("string", pattern=f"^{CURSOR}$"),
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


class FlightDetail(FlightSummary):
    """A flight with every seat."""

    aircraft: Annotated[str, Field(examples=["Airbus A320"])]
    seat_map: SeatMap


class SeatChoice(Shape):
    """The seats an order shall have. An empty list gives all back and leaves the order open."""

    seats: Annotated[list[SeatAsked], _seats(0)]


class NewOrder(Shape):
    """A flight, and which of its seats."""

    flight_id: FlightId
    seats: Annotated[list[SeatAsked], _seats(1)]


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
        _like("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date like 2020-12-24"),
        Field(description="Of a child or an infant"),
        _schema("string", "null", format="date", examples=["2020-12-24"]),
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

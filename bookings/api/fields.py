"""What the fields of the JSON API may be: how each is read, written and described."""

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

from bookings.errors import BookingError, BookingNotFound, ChangeNotFound, FlightNotFound
from bookings.models import PAYMENT_CODE
from flights.cabin.seats import FEATURES


def _flight_id(value: object) -> int:
    """To a client an id is just a text: one that cannot be a flight's names no flight."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("Input should be the id of a flight")
    if not re.fullmatch(r"[1-9][0-9]{0,18}", str(value)):
        raise FlightNotFound
    return int(value)


def _id_or(missing: type[BookingError]) -> BeforeValidator:
    """To a client an id is just a text: one that cannot be any is that of nothing."""

    def read(value: object) -> UUID:
        try:
            return UUID(str(value))
        except ValueError:
            raise missing from None

    return BeforeValidator(read)


def like(pattern: str, meaning: str) -> BeforeValidator:
    """Take only text of this form. Pydantic alone would read "5.0" as 5 and "5" as a date."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(f"Input should be {meaning}")
        return value

    return BeforeValidator(check)


def schema(*types: str, **more: JsonValue) -> WithJsonSchema:
    """What to declare, where pydantic cannot tell from the type."""
    return WithJsonSchema({"type": types[0] if len(types) == 1 else list(types), **more})


def _utc(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


CURSOR = "[0-9a-f]{1,15}-[0-9a-f]{1,15}"
SMALLEST_UNIT = "In the smallest unit of the currency: 12345 is 123.45 EUR, but 12345 JPY"
SEAT = "^[1-9][0-9]{0,2}[A-Z]$"

FlightId = Annotated[
    int, BeforeValidator(_flight_id), schema("string", "integer", examples=["4711"])
]
FlightIdInPath = Annotated[int, BeforeValidator(_flight_id), schema("string", examples=["4711"])]
OrderId = Annotated[UUID, _id_or(BookingNotFound), schema("string", format="uuid")]
ChangeId = Annotated[UUID, _id_or(ChangeNotFound), schema("string", format="uuid")]
AirportCode = Annotated[str, Field(pattern="^[A-Z]{3}$", description="IATA code", examples=["CDG"])]
AirportAsked = Annotated[
    str | None,
    like("[A-Za-z]{3}", "an airport's three letters, like CDG"),
    Field(description="IATA code"),
    schema("string", pattern="^[A-Za-z]{3}$", examples=["CDG"]),
]
SeatId = Annotated[str, Field(pattern=SEAT, description="Row and letter", examples=["12A"])]
# Which seats there are, and how many may be had, is for the saga to refuse.
SeatAsked = Annotated[str, Field(json_schema_extra={"pattern": SEAT, "examples": ["12A"]})]
Instant = Annotated[
    dt.datetime,
    PlainSerializer(_utc, return_type=str),
    schema("string", format="date-time", description="UTC", examples=["2026-12-24T09:30:00.000Z"]),
]
Cents = Annotated[int, Field(ge=0, description=SMALLEST_UNIT, examples=[12900])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["EUR"])]
PerCent = Annotated[int, Field(ge=0, le=100, examples=[70])]
FareCode = Annotated[str, Field(description="See the flight's `fares`", examples=["standard"])]
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


def some_seats(at_least: int) -> FieldInfo:
    limits = {"minItems": at_least, "maxItems": settings.MAX_SEATS_PER_BOOKING}
    extra: JsonDict = {**limits, "uniqueItems": True}
    return cast(FieldInfo, Field(examples=[["12A", "12B"]], json_schema_extra=extra))


class Shape(BaseModel):
    """Snake case here, camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

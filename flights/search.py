"""Finding flights and airports. Answers in a time that does not grow with the number of flights."""

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import Case, DateTimeField, QuerySet, Value, When
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.functions import Greatest, Now

from flights.folding import fold
from flights.models import YEARS, Airport, Flight
from flights.plain import plain, plain_code

MOST_A_PAGE = 100
# Of a route in some days: more than any that is flown has in a week.
MOST_OF_DAYS = 1_000
NO_SUCH_PAGE = "This page of results does not exist; please search again."
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
# A date begins first and ends last in these.
FIRST_ZONE = dt.timezone(dt.timedelta(hours=14))
LAST_ZONE = dt.timezone(dt.timedelta(hours=-12))

# Departure and id of the flight before a page's first.
type Position = tuple[dt.datetime, int]


class InvalidSearch(ValueError):
    """The search could not be understood; the message is for the customer."""


@dataclass(frozen=True)
class Page:
    """Some flights, and the cursor of the next ones: None when there are no more."""

    flights: list[Flight]
    next_cursor: str | None


def search_flights(
    *,
    origin: str | None = None,
    destination: str | None = None,
    date: dt.date | str | None = None,
    since: dt.date | None = None,
    after: str | None = None,
    limit: int = 20,
) -> Page:
    """Flights on sale that have not departed, soonest first.

    `date` is the local date of departure, `since` the first one, `after` the cursor of the page
    before. Airports come along, and the layout without its `source`. Two queries. Raises
    InvalidSearch.
    """
    if not 1 <= limit <= MOST_A_PAGE:
        raise InvalidSearch(f"A page has 1 to {MOST_A_PAGE} flights.")
    airports = _airports(origin, destination)
    position = _read_cursor(after) if after else (EPOCH, 0)
    if since:
        zone = airports["origin"].zone if "origin" in airports else FIRST_ZONE
        position = max(position, (_midnight(since, zone), 0))
    flights = _on_sale(airports.get("origin"), airports.get("destination"), _date(date), position)
    found = list(flights.order_by("departure", "id")[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], _cursor(found[limit - 1]) if more else None)


def flights_of_days(
    *, origin: Airport, destination: Airport, first: dt.date, days: int
) -> list[Flight] | None:
    """All flights of a route on sale that depart on one of these local days, soonest first.

    None where they are too many to be compared. One query; the same comes along as in
    `search_flights`.
    """
    ends = _midnight(first + dt.timedelta(days=days), origin.zone)
    flights = _on_sale(origin, destination, None, (_midnight(first, origin.zone), 0))
    flights = flights.filter(departure__lt=ends).order_by("departure", "id")
    found = list(flights[: MOST_OF_DAYS + 1])
    return found if len(found) <= MOST_OF_DAYS else None


def _on_sale(
    origin: Airport | None, destination: Airport | None, date: dt.date | None, position: Position
) -> QuerySet[Flight]:
    """Each combination has an index that gives the flights in order, see Flight.Meta."""
    flights = Flight.objects.select_related("origin", "destination", "layout")
    flights = flights.defer("layout__source").filter(on_sale=True)
    if origin:
        flights = flights.filter(origin=origin)
    if destination:
        flights = flights.filter(destination=destination)
    if date:
        # In one zone a date is a range of instants, and the index goes straight there. From
        # all zones it is a wider range, and the stored date decides.
        begins = _midnight(date, origin.zone if origin else FIRST_ZONE)
        ends = _midnight(date + dt.timedelta(days=1), origin.zone if origin else LAST_ZONE)
        position = max(position, (begins, 0))
        flights = flights.filter(departure__lt=ends)
        flights = flights if origin else flights.filter(departure_date=date)
    return flights.filter(_is_after(position))


def _midnight(date: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), zone).astimezone(dt.UTC)


def _is_after(position: Position) -> TupleGreaterThan:
    """Behind the position and not departed, as one comparison of (departure, id).

    Postgres begins reading an index at one condition only. Given a second one for the clock
    it began there, and read 20,000 flights to reach a late page.
    """
    departure, flight_id = position
    since = Greatest(Value(departure, DateTimeField()), Now())
    return TupleGreaterThan(Tuple("departure", "id"), (since, flight_id))


def _airports(origin: str | None, destination: str | None) -> dict[str, Airport]:
    wanted = {"origin": origin, "destination": destination}
    codes = {end: plain_code(code) for end, code in wanted.items() if code and plain_code(code)}
    possible = [code for code in codes.values() if re.fullmatch("[A-Z]{3}", code)]
    known = Airport.objects.in_bulk(possible) if possible else {}
    for code in codes.values():
        if code not in known:
            raise InvalidSearch(f"There is no airport {code[:20]!r}; give its code, like CDG.")
    return {end: known[code] for end, code in codes.items()}


def _date(date: dt.date | str | None) -> dt.date | None:
    if not date:
        return None
    try:
        day = dt.date.fromisoformat(plain(date)) if isinstance(date, str) else date
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InvalidSearch(f"{str(date)[:20]!r} is not a date like 2026-12-24.")
    return day


def _cursor(flight: Flight) -> str:
    return f"{(flight.departure - EPOCH) // MICROSECOND:x}-{flight.pk:x}"


def _read_cursor(text: str) -> Position:
    match = re.fullmatch(r"([0-9a-f]{1,15})-([0-9a-f]{1,15})", text)
    if not match:
        raise InvalidSearch(NO_SUCH_PAGE)
    departure, flight_id = int(match[1], 16), int(match[2], 16)
    last = (dt.datetime(YEARS.stop, 1, 1, tzinfo=dt.UTC) - EPOCH) // MICROSECOND
    return EPOCH + min(departure, last) * MICROSECOND, flight_id


def suggest_airports(query: str, limit: int = 8) -> list[Airport]:
    """Airports that have flights, for what someone begins to type: a code, a city or a name.

    Every word must begin a word of the airport; accents and capitals do not matter. The best
    come first: the code itself, then cities that begin like this, then the rest.
    """
    typed = fold(query)[:60]
    if not typed:
        return []
    airports = Airport.objects.filter(served=True)
    for word in typed.split():
        airports = airports.filter(keywords__contains=f" {word}")
    rank = Case(
        When(code=typed.upper(), then=0),
        # Keywords begin with the code, and then the city.
        When(keywords__regex=f"^ ... {typed}", then=1),
        default=2,
    )
    return list(airports.order_by(rank, "city", "name")[:limit])

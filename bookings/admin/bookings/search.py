"""How operators find a booking among a million: by an index, and never by counting."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from bookings.invariants.attention import Trouble, in_trouble
from bookings.models import OPEN, Booking, State, indexes
from bookings.models.contact import looked_for
from flights.admin.paginator import COUNT_UP_TO
from flights.models import Flight, number_words, read_number
from flights.plain import plain_code

HELP = (
    "A record locator or an id, words of a name, an e-mail address, a state, "
    "a flight (AF1234 2026-12-24), a seat of it (AF1234 12A); the beginning is enough"
)
SEAT = re.compile(r"[1-9][0-9]?[A-Z]")
STATES = {state.value: state for state in State} | {
    "HELD": State.SEATS_RESERVED,
    "PAYING": State.PAYMENT_PROCESSING,
}


@dataclass
class Asked:
    """What the operator typed, word by word, by what it can only mean."""

    days: list[date]
    states: list[State]
    seats: list[str]
    # A locator, an id, a flight's number, an address or a part of a name.
    words: list[str]


def matching(text: str) -> Q:
    """What the operator typed: every word narrows the search, a date narrows the flights."""
    asked = _read(text)
    wanted = Q()
    for state in asked.states:
        wanted &= in_state(state)
    if asked.days:
        wanted &= Q(flight__in=_flights(Q(departure_date__in=asked.days)))
    for word in asked.words:
        wanted &= _meaning(word, asked)
    for seat in asked.seats:
        wanted &= Q(seats__contains=[seat])
    return wanted


def found(bookings: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """Those of the bookings that match, in the order in which they are read the quickest.

    Postgres takes the beginning of a name for more common than it is, and would read all
    bookings in the order of their creation until it has a page of them. So few answers are
    all fetched, and then sorted by what no index has.
    """
    answers = bookings.filter(matching(text))
    asked = _read(text)
    if not (asked.days or asked.words):
        return answers
    if answers.order_by()[: COUNT_UP_TO + 1].count() > COUNT_UP_TO:
        return answers
    return answers.order_by((F("created_at") + timedelta(0)).desc(), "-pk")


def in_state(state: str) -> Q:
    """Bookings in a state, by an index: the open ones are in that of the timers."""
    return Q(state=state, due_at__isnull=False) if state in OPEN else Q(state=state)


def _read(text: str) -> Asked:
    asked = Asked([], [], [], [])
    for word in number_words(text):
        code = plain_code(word)
        if day := _day(code):
            asked.days.append(day)
        elif code in STATES:
            asked.states.append(STATES[code])
        else:
            asked.words.append(word)
    # The "&" of two names is no word; but by itself it finds nothing.
    asked.words = [word for word in asked.words if looked_for(word)] or asked.words
    # A seat without a flight is on every one; it may be the beginning of a locator.
    if asked.days or any(map(read_number, asked.words)):
        asked.seats = [code for code in map(plain_code, asked.words) if SEAT.fullmatch(code)]
        asked.words = [word for word in asked.words if plain_code(word) not in asked.seats]
    return asked


def _meaning(word: str, asked: Asked) -> Q:
    code = plain_code(word)
    try:
        return Q(pk=UUID(code))
    except ValueError:
        pass
    # Fetched first: Postgres can use several indexes for "or", but not across a join. And names
    # of several words are found the quickest where none of them is anything else.
    day = Q(departure_date__in=asked.days) if asked.days else Q()
    meant = indexes.begins(looked_for(word)) | Q(flight__in=_flights(Q(number=code) & day))
    locator = Q(record_locator__startswith=code)
    is_possible = len(asked.words) == 1 or Booking.objects.filter(locator).exists()
    return meant | locator if is_possible else meant


def _flights(which: Q) -> list[int]:
    return list(Flight.objects.filter(which).values_list("pk", flat=True))


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


class FlightFilter(admin.SimpleListFilter):
    """One flight's bookings, when a link asked for them."""

    title = "flight"
    parameter_name = "flight"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        chosen = self.used_parameters.get(self.parameter_name, "")
        if not chosen:
            return []
        flight = Flight.objects.filter(pk=_number(chosen)).first()
        return [(chosen, str(flight or "no such flight"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return queryset.filter(flight=_number(self.value() or ""))


class StateFilter(admin.SimpleListFilter):
    """One state, asked for in the way that an index answers."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(state.value, state.label) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        state = self.value()
        return queryset.filter(in_state(state)) if state in State.values else queryset


class AttentionFilter(admin.SimpleListFilter):
    """What may need somebody."""

    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            (Trouble.OVERDUE, "overdue"),
            (Trouble.FAILING, "failing"),
            (Trouble.REFUND, "refund due"),
            (Trouble.MAIL, "mail not sent"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        value = self.value() or ""
        return queryset.filter(in_trouble(Trouble(value))) if value in Trouble else queryset


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0

"""How operators find a booking among a million: by an index, and never by counting."""

from datetime import date, timedelta
from functools import reduce
from operator import and_
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from bookings.invariants import overdue_after_seconds
from bookings.models import Booking, Money
from flights.models import Flight

HELP = "A record locator or its beginning, a booking's id, or a flight: AF1234 2026-12-24"


def matching(text: str) -> Q:
    """What the operator typed: every word narrows the search, a date narrows the flights."""
    words = text.upper().split()
    days = [day for word in words if (day := _day(word))]
    others = [word for word in words if not _day(word)]
    if not others:
        return Q(flight__departure_date__in=days)
    return reduce(and_, (_meaning(word, days) for word in others))


def overdue() -> Q:
    """Bookings whose next step should have been taken; the same as in check_bookings."""
    return Q(due_at__lt=Now() - timedelta(seconds=overdue_after_seconds()))


def _meaning(word: str, days: list[date]) -> Q:
    try:
        return Q(pk=UUID(word))
    except ValueError:
        pass
    flights = Flight.objects.filter(number=word)
    if days:
        flights = flights.filter(departure_date__in=days)
    # Fetched first: Postgres can use two indexes for "or", but not across a join.
    ids = list(flights.values_list("pk", flat=True))
    return Q(record_locator__startswith=word) | Q(flight__in=ids)


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


class FlightFilter(admin.SimpleListFilter):
    """One flight's bookings, when a link asked for them."""

    title = "flight"
    parameter_name = "flight"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.used_parameters.get(self.parameter_name, "")
        if not chosen:
            return []
        flight = Flight.objects.filter(pk=_number(chosen)).first()
        return [(chosen, str(flight or "no such flight"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return queryset.filter(flight=_number(self.value() or ""))


class AttentionFilter(admin.SimpleListFilter):
    """What may need somebody."""

    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "overdue"), ("failing", "failing"), ("refund", "refund due")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        match self.value():
            case "overdue":
                return queryset.filter(overdue())
            case "failing":
                return queryset.filter(failures__gt=0, due_at__isnull=False)
            case "refund":
                return queryset.filter(money=Money.REFUND_DUE, due_at__isnull=False)
            case _:
                return queryset


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0

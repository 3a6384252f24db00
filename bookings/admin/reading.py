"""Pages to read, for tables that only the saga and the gateway write."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from flights.admin import CappedPaginator


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Looked at by whoever may view it; written by nobody. Never counts a whole table."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    class Media:
        css = {"all": ("bookings/admin.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def money(cents: int, currency: str) -> str:
    """An amount as operators read it: 1,234.50 EUR."""
    return f"{cents / 100:,.2f} {currency}"


def clock(moment: dt.datetime) -> str:
    """An instant to the second: 2026-12-24 18:03:20 UTC."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: int) -> str:
    """5 s, 12 min, 3 h 20 min, 4 days."""
    minutes = seconds // 60
    if minutes < 1:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days"

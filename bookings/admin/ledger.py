"""The simulated gateway's own books, to compare with."""

from django.contrib import admin

from bookings.admin.formats import clock, money
from bookings.admin.read_only import ReadOnlyPages
from bookings.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyPages[LedgerEntry]):
    list_display = ("key", "status", "amount", "reference", "written")
    list_filter = ("status",)
    # A key begins with its booking's id.
    search_fields = ("key__startswith",)
    search_help_text = "A key, or the id of the booking it was for"
    ordering = ("-at",)
    fields = ("key", "status", "amount", "reason", "reference", "written")

    @admin.display(description="amount", ordering="amount_cents")
    def amount(self, entry: LedgerEntry) -> str:
        return money(entry.amount_cents, entry.currency)

    @admin.display(description="at", ordering="at")
    def written(self, entry: LedgerEntry) -> str:
        return clock(entry.at)

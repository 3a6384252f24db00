"""The operators themselves, and the trail of what they did."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from bookings.admin.formats import clock
from bookings.admin.read_only import ReadOnlyPages

admin.site.unregister(User)


@admin.register(User)
class OperatorAdmin(UserAdmin):  # type: ignore[type-arg]
    """A login is switched off ("active") and never deleted: its trail would go with it."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(LogEntry)
class AuditTrailAdmin(ReadOnlyPages[LogEntry]):
    """Every change made in the admin: by whom, to what, and what they said about it."""

    list_display = ("at", "user", "content_type", "object_repr", "what")
    list_filter = ("content_type", "action_flag")
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "object_id__exact")
    search_help_text = "A login, or an object's id"
    # In the order they were written, for which there is an index.
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("at", "user", "content_type", "object_repr", "object_id", "what")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        return LogEntry.objects.all()

    @admin.display(description="at")
    def at(self, entry: LogEntry) -> str:
        return clock(entry.action_time)

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()

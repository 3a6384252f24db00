"""The operators themselves, and the trail of what they did."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse

from bookings.admin.formats import clock
from bookings.admin.permissions import changeable_logins, changeable_roles, own
from bookings.admin.read_only import ReadOnlyPages
from flights.admin.pages import ModelPages

admin.site.unregister(User)
admin.site.unregister(Group)


# Of each kind of thing, what whoever asks may change or give.
WITHIN_REACH = {Permission: own, Group: changeable_roles, User: changeable_logins}


class RightsPages[M: Model](ModelPages[M]):
    """Pages of who may do what: see bookings/admin/permissions.py for the rule."""

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or WITHIN_REACH[self.model](request).contains(obj))

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        """What one may give is what is offered, and all that is taken."""
        kwargs["queryset"] = WITHIN_REACH[db_field.related_model](request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Group)
class RoleAdmin(RightsPages[Group], GroupAdmin):  # type: ignore[misc]
    """A role that gives more than one has oneself is looked at, and no more."""

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and self.has_change_permission(request, obj)


@admin.register(User)
class OperatorAdmin(RightsPages[User], UserAdmin):  # type: ignore[type-arg]
    """A login is switched off ("active") and never deleted: its trail would go with it."""

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Dates that nobody but the site writes, and what only a superuser gives."""
        dates = ("last_login", "date_joined")
        return dates if request.user.is_superuser else (*dates, "is_superuser")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """At once: who was just given more, or switched off, is so when the password is set."""
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)


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

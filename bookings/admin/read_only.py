"""Pages to read, for tables that only the saga and the gateway write."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from flights.admin.pages import ModelPages
from flights.admin.paginator import CappedPaginator


class ReadOnlyPages[M: Model](ModelPages[M]):
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

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

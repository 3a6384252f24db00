"""Airports to look up and to correct."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from flights.admin.pages import ModelPages
from flights.folding import fold
from flights.models import Airport


@admin.register(Airport)
class AirportAdmin(ModelPages[Airport]):
    list_display = ("code", "city", "name", "country", "time_zone", "served")
    list_filter = ("served",)
    search_fields = ("keywords",)
    ordering = ("city", "name")
    readonly_fields = ("served",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Airport], search_term: str
    ) -> tuple[QuerySet[Airport], bool]:
        return super().get_search_results(request, queryset, fold(search_term))

    def get_readonly_fields(self, request: HttpRequest, obj: Airport | None = None) -> list[str]:
        return ["served", *(["code"] if obj else [])]

"""Cabin layouts to draw."""

from collections import Counter

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from flights.admin.pages import ModelPages
from flights.models import CabinLayout


class CabinLayoutForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` names the line that is wrong."""

    # Not stripped, or the lines would be counted from another one than the operator sees.
    source = forms.CharField(
        strip=False,
        widget=forms.Textarea(
            {"rows": 45, "cols": 100, "class": "cabin-drawing", "spellcheck": "false"}
        ),
    )

    class Meta:
        model = CabinLayout
        fields = ("code", "source")

    def clean_source(self) -> str:
        """With the line ends that layout files have."""
        return str(self.cleaned_data["source"]).replace("\r\n", "\n")


@admin.register(CabinLayout)
class CabinLayoutAdmin(ModelPages[CabinLayout]):
    form = CabinLayoutForm
    list_display = ("code", "aircraft", "total_seats")
    search_fields = ("code", "aircraft")
    ordering = ("code",)

    class Media:
        css = {"all": ("flights/admin.css",)}

    def get_fields(self, request: HttpRequest, obj: CabinLayout | None = None) -> tuple[str, ...]:
        return ("code", "aircraft", "seats", "source") if obj else ("code", "source")

    def get_readonly_fields(
        self, request: HttpRequest, obj: CabinLayout | None = None
    ) -> list[str]:
        return ["code", "aircraft", "seats"] if obj else []

    @admin.display(description="seats")
    def seats(self, layout: CabinLayout) -> str:
        by_cabin = Counter(seat.cabin for seat in layout.parsed.seats.values())
        parts = ", ".join(f"{count} {cabin}" for cabin, count in by_cabin.items())
        return f"{layout.total_seats}: {parts}"

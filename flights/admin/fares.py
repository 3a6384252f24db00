"""Fares to look at, to change and to take off sale. What was sold stays as it was."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from flights.admin.pages import ModelPages
from flights.models import Fare


@admin.register(Fare)
class FareAdmin(ModelPages[Fare]):
    list_display = (
        "name", "code", "percent", "refund_percent", "refund_hours", "change_fee_percent",
        "on_sale", "since",
    )  # fmt: skip
    list_filter = ("on_sale", "code")
    ordering = ("-on_sale", "percent", "-since")

    def get_readonly_fields(self, request: HttpRequest, obj: Fare | None = None) -> list[str]:
        return ["code", "since"] if obj else []

    def save_model(
        self, request: HttpRequest, obj: Fare, form: "forms.ModelForm[Fare]", change: bool
    ) -> None:
        if form.has_changed():
            obj.replace()

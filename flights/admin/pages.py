"""What every model's pages in the back office have, and our own pages beside them."""

import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from flights.admin.as_seen import AsSeen

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
else:

    class ModelAdmin[M](admin.ModelAdmin):
        """Django's, which cannot say at run time what it is of: ModelAdmin[Flight]."""


class ModelPages[M: Model](ModelAdmin[M]):
    """Django's pages of a model; and beside them our own, which look alike."""

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        """What the list's template is told beside what Django tells it."""
        return {}

    def change_context(self, request: HttpRequest, obj: M) -> dict[str, object]:
        """What the template of one thing's page is told beside what Django tells it."""
        return {}

    def page(self, address: str, name: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
        """A page of our own, for staff only; `url` has its address."""
        return path(address, self.admin_site.admin_view(view), name=self._full(name))

    def url(self, name: str, *args: object) -> str:
        """The address of one of these pages: changelist, change, or one of our own."""
        return reverse(f"admin:{self._full(name)}", args=args)

    def render(
        self, request: HttpRequest, template: str, title: str, context: Mapping[str, object]
    ) -> TemplateResponse:
        """A page of our own, by a template that extends admin/beside.html."""
        shared = self.admin_site.each_context(request)
        own = {"title": title, "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**shared, **own, **context})

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> M | None:
        """What is about to be changed is one's own until it is saved."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and connection.in_atomic_block:
            # Whoever else writes about it, in the trail or a hold on a flight, need not wait.
            rows = self.model._default_manager.select_for_update(no_key=True)
            return rows.filter(pk=found.pk).first()
        return found

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> type["forms.ModelForm[M]"]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return types.new_class(form.__name__, (AsSeen, form)) if change else form

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list filters by what it offers: by any column one could read it letter by letter."""
        filters = {getattr(each, "parameter_name", each) for each in self.get_list_filter(request)}
        columns = {name for field in self.opts.fields for name in (field.name, field.attname)}
        asked = lookup.partition("__")[0]
        offered = asked in filters or asked not in columns
        return offered and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {**self.list_context(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        if obj:
            context |= self.change_context(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _full(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise PermissionDenied unless whoever asks has all of these."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied

"""Searches that an operator keeps: each a name for what the list shows."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from bookings.models import Booking
from bookings.models.saved_search import SavedSearch
from flights.admin.pages import ModelPages

# What of the list's address is kept: what is looked for, and not which page of it.
KEPT = ("q", "state", "attention", "flight")
AT_MOST = 20


class SaveForm(forms.Form):
    name = forms.CharField(max_length=40)
    query = forms.CharField(max_length=300)

    def clean_query(self) -> str:
        return kept(QueryDict(self.cleaned_data["query"]))


def kept(query: QueryDict) -> str:
    """The part of the list's address that is worth keeping; "" when it shows everything."""
    return urlencode({name: query[name] for name in KEPT if query.get(name)})


def of_operator(request: HttpRequest) -> list[SavedSearch]:
    """The operator's own."""
    return list(SavedSearch.objects.filter(owner=request.user.pk)[:AT_MOST])


def save(page: ModelPages[Booking], request: HttpRequest) -> HttpResponseRedirect:
    """Keep what the list shows under a name; the same name again replaces it."""
    _require_form_of_viewer(page, request)
    form = SaveForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["query"]:
        messages.error(request, "Search or filter first, then give it a name.")
        return HttpResponseRedirect(page.url("changelist"))
    name, query = form.cleaned_data["name"], form.cleaned_data["query"]
    SavedSearch.objects.update_or_create(
        owner_id=request.user.pk, name=name, defaults={"query": query}
    )
    return HttpResponseRedirect(f"{page.url('changelist')}?{query}")


def forget(page: ModelPages[Booking], request: HttpRequest, search_id: int) -> HttpResponseRedirect:
    """Forget one of the operator's own; anybody else's stays."""
    _require_form_of_viewer(page, request)
    SavedSearch.objects.filter(owner=request.user.pk, pk=search_id).delete()
    return HttpResponseRedirect(page.url("changelist"))


def _require_form_of_viewer(page: ModelPages[Booking], request: HttpRequest) -> None:
    # A link, which anybody may send to an operator, changes nothing.
    if request.method != "POST" or not page.has_view_permission(request):
        raise PermissionDenied

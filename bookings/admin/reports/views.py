"""Reports to look at, to print and to take along."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from bookings.admin.reports.tables import Report, as_csv, as_pdf, day_report, manifest
from flights.models import Flight

# Names and takings are in them.
PERMISSION = "bookings.view_booking"


class DayForm(forms.Form):
    """Which day; today where nothing is said."""

    day = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))


def flights_manifest(request: HttpRequest, flight_id: int, kind: str) -> HttpResponseBase:
    """A flight's passengers as a file."""
    _require(request)
    related = Flight.objects.select_related("layout", "origin", "destination")
    flight = related.filter(pk=flight_id).first()
    if flight is None:
        raise Http404
    return _file(manifest(flight), f"manifest-{flight.number}-{flight.departure_date}", kind)


def day(page: Any, request: HttpRequest) -> HttpResponse:
    """A day's flights, as a page."""
    _require(request)
    form = DayForm(request.GET)
    chosen = _day(form)
    context = {
        **page.admin_site.each_context(request),
        "title": "Day report",
        "opts": page.opts,
        "media": page.media,
        "form": form,
        "day": chosen,
        "report": day_report(chosen),
    }
    return TemplateResponse(request, "admin/flights/flight/day.html", context)


def day_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A day's flights as a file."""
    _require(request)
    chosen = _day(DayForm(request.GET))
    return _file(day_report(chosen), f"flights-{chosen}", kind)


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _day(form: DayForm) -> dt.date:
    chosen = form.cleaned_data.get("day") if form.is_valid() else None
    return chosen or timezone.now().date()


def _file(report: Report, name: str, kind: str) -> HttpResponseBase:
    answer: HttpResponseBase
    if kind == "csv":
        answer = StreamingHttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")
    elif kind == "pdf":
        answer = HttpResponse(as_pdf(report), content_type="application/pdf")
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer

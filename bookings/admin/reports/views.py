"""Reports to look at, to print and to take along."""

import datetime as dt
from collections.abc import Callable

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from bookings.admin.permissions import SEE_BOOKINGS
from bookings.admin.reports.csv import as_csv
from bookings.admin.reports.report import Report
from bookings.admin.reports.tables import day_report, manifest
from flights.admin.pages import ModelPages, require
from flights.models import Flight


class DayForm(forms.Form):
    """Which day; today where nothing is said."""

    day = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))


def flights_manifest(request: HttpRequest, flight_id: int, kind: str) -> HttpResponseBase:
    """A flight's passengers as a file."""
    require(request, SEE_BOOKINGS)
    related = Flight.objects.select_related("layout", "origin", "destination")
    flight = get_object_or_404(related, pk=flight_id)
    return _file(manifest(flight), f"manifest-{flight.number}-{flight.departure_date}", kind)


def day(page: ModelPages[Flight], request: HttpRequest) -> HttpResponse:
    """A day's flights, as a page."""
    require(request, SEE_BOOKINGS)
    form = DayForm(request.GET)
    chosen = _day(form)
    context = {"form": form, "day": chosen, "report": day_report(chosen)}
    return page.render(request, "admin/flights/flight/day.html", "Day report", context)


def day_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A day's flights as a file."""
    require(request, SEE_BOOKINGS)
    chosen = _day(DayForm(request.GET))
    return _file(day_report(chosen), f"flights-{chosen}", kind)


def _day(form: DayForm) -> dt.date:
    chosen = form.cleaned_data.get("day") if form.is_valid() else None
    return chosen or timezone.now().date()


def _file(report: Report, name: str, kind: str) -> HttpResponseBase:
    if kind not in WRITERS:
        raise Http404
    answer = WRITERS[kind](report)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _csv(report: Report) -> StreamingHttpResponse:
    return StreamingHttpResponse(as_csv(report), content_type="text/csv; charset=utf-8")


def _pdf(report: Report) -> HttpResponse:
    # Takes a tenth of a second to import, and few processes ever print.
    from bookings.admin.reports.pdf import as_pdf

    return HttpResponse(as_pdf(report), content_type="application/pdf")


WRITERS: dict[str, Callable[[Report], HttpResponseBase]] = {"csv": _csv, "pdf": _pdf}

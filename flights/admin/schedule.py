"""The schedule's page: files in and out, a day's flights on other days, a season of weeks."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from flights.admin.signature import signature
from flights.clock import database_clock
from flights.models import OTHER_YEARS, YEARS, Flight, ScheduleImport
from flights.schedule.copy import LONGEST_SEASON, as_csv, copy_day, copy_week, schedule_rows
from flights.schedule.import_job import enqueue_import, go_on, start_writing

PERMISSIONS = ("flights.add_flight", "flights.change_flight")
SCHEDULE = "admin:flights_flight_schedule"
STATUS = "admin:flights_flight_import"
MOST_BYTES = 30 * 1024 * 1024
# A file this long is done while its sender waits, and a longer one by a worker.
LINES_AT_ONCE = 1500
MOST_COPIES = 50_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DATE = {"type": "date"}
WEEK = dt.timedelta(days=7)


def day_of_flights(day: dt.date) -> None:
    """Validator: far enough from both ends of the calendar to count on from."""
    if day.year not in YEARS:
        raise forms.ValidationError(OTHER_YEARS)


def day_to_come(day: dt.date) -> None:
    """Validator: flights can still be added to it."""
    today = database_clock().date()
    if day < today:
        raise forms.ValidationError(f"Flights would be added on {day}; today is {today}.")


class FileForm(forms.Form):
    file = forms.FileField(label="CSV file")
    update = forms.BooleanField(required=False, label="Change flights that are there already")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("At most 30 MB; import a longer file by manage.py.")
        return file


class SpanForm(forms.Form):
    """Two days, and everything between them."""

    first = forms.DateField(widget=forms.DateInput(DATE), validators=[day_of_flights])
    last = forms.DateField(widget=forms.DateInput(DATE), validators=[day_of_flights])

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if "first" in said and "last" in said:
            if said["last"] < said["first"]:
                raise forms.ValidationError("The last day comes before the first.")
            if said["last"] - said["first"] > LONGEST_SEASON:
                raise forms.ValidationError("A year at most.")
        return said


class CopyForm(SpanForm):
    """A day, and the days that get the same flights."""

    day = forms.DateField(
        label="Flights of", widget=forms.DateInput(DATE), validators=[day_of_flights]
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Only on",
        coerce=int,
        required=False,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("day", "first", "last", "weekdays")

    def clean_first(self) -> dt.date:
        first: dt.date = self.cleaned_data["first"]
        day_to_come(first)
        return first

    def days(self) -> list[dt.date]:
        said = self.cleaned_data
        span = (said["last"] - said["first"]).days + 1
        days = (said["first"] + dt.timedelta(days=n) for n in range(span))
        wanted = said["weekdays"] or range(7)
        return [day for day in days if day.weekday() in wanted and day != said["day"]]


class SeasonForm(SpanForm):
    """The week that begins the season, which may have begun itself, and the season's last day."""

    def clean_first(self) -> dt.date:
        first: dt.date = self.cleaned_data["first"]
        day_to_come(first + WEEK)
        return first


def schedule(page: Any, request: HttpRequest) -> HttpResponse:
    """Everything that can be done with many flights at once; each form posts its own name."""
    _require(request)
    forms_by_name: dict[str, forms.Form] = {
        "import": FileForm(prefix="import"),
        "export": SpanForm(prefix="export"),
        "copy": CopyForm(prefix="copy"),
        "season": SeasonForm(prefix="season"),
    }
    name = request.POST.get("do", "")
    if request.method == "POST" and name in forms_by_name and name != "export":
        form = type(forms_by_name[name])(request.POST, request.FILES, prefix=name)
        forms_by_name[name] = form
        if form.is_valid():
            return _do(page, request, name, form)
    context = {
        **_context(page, request, "Schedule"),
        "forms": forms_by_name,
        "imports": ScheduleImport.objects.defer("content").order_by("-pk")[:10],
    }
    return TemplateResponse(request, "admin/flights/flight/schedule.html", context)


def import_status(page: Any, request: HttpRequest, import_id: int) -> HttpResponse:
    """How far an import is, and what it would change; a part of the page for htmx."""
    _require(request)
    one = ScheduleImport.objects.defer("content").filter(pk=import_id).first()
    if one is None:
        raise Http404
    context = {**_context(page, request, f"Import of {one.file_name}"), "one": one}
    if request.headers.get("HX-Request") == "true":
        return render(request, "admin/flights/flight/import.html#progress", context)
    return TemplateResponse(request, "admin/flights/flight/import.html", context)


@require_POST
def import_write(request: HttpRequest, import_id: int) -> HttpResponse:
    """Write what was checked, or have what is under way taken up again."""
    _require(request)
    if not ScheduleImport.objects.filter(pk=import_id).exists():
        raise Http404
    if "again" not in request.POST and not start_writing(import_id, by=signature(request)):
        messages.error(request, "This import is not waiting to be written; nothing was done.")
    _take_up(import_id)
    return HttpResponseRedirect(reverse(STATUS, args=[import_id]))


def export(request: HttpRequest) -> HttpResponseBase:
    """The flights of some days as the file that the import reads."""
    if not request.user.has_perm("flights.view_flight"):
        raise PermissionDenied
    form = SpanForm(request.GET, prefix="export")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"Export: {' '.join(map(str, errors))}")
        return HttpResponseRedirect(reverse(SCHEDULE))
    said = form.cleaned_data
    flights = Flight.objects.filter(departure_date__range=(said["first"], said["last"]))
    answer = StreamingHttpResponse(
        as_csv(schedule_rows(flights)), content_type="text/csv; charset=utf-8"
    )
    name = f"schedule-{said['first']}-{said['last']}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _do(page: Any, request: HttpRequest, name: str, form: Any) -> HttpResponse:
    said = form.cleaned_data
    if name == "import":
        return HttpResponseRedirect(reverse(STATUS, args=[_received(request, said)]))
    if name == "copy":
        days = form.days()
        flights = Flight.objects.filter(departure_date=said["day"], cancelled_at=None).count()
        text = f"The flights of {said['day']} on {len(days)} other days"
        _copy(page, request, text, copy_day(said["day"], days), flights * len(days))
    else:
        week = (said["first"], said["first"] + dt.timedelta(days=6))
        flights = Flight.objects.filter(departure_date__range=week, cancelled_at=None).count()
        weeks = (said["last"] - said["first"]).days // 7
        text = f"The week from {said['first']} again to {said['last']}"
        _copy(page, request, text, copy_week(said["first"], said["last"]), flights * weeks)
    return HttpResponseRedirect(reverse(SCHEDULE))


def _received(request: HttpRequest, said: dict[str, Any]) -> int:
    content = said["file"].read()
    one = ScheduleImport.objects.create(
        by=signature(request),
        file_name=str(said["file"].name)[:200],
        content=content,
        update=said["update"],
        lines=content.count(b"\n") + 1,
    )
    _take_up(one.pk)
    return one.pk


def _take_up(import_id: int) -> None:
    lines = ScheduleImport.objects.filter(pk=import_id).values_list("lines", flat=True).first()
    if lines is not None and lines <= LINES_AT_ONCE:
        go_on(import_id)
    else:
        enqueue_import(import_id)


def _copy(
    page: Any, request: HttpRequest, text: str, steps: Iterator[tuple[dt.date, int]], most: int
) -> None:
    if most > MOST_COPIES:
        text = f"{text}: that would be {most:,} flights; please do at most {MOST_COPIES:,} at once."
        messages.error(request, text)
        return
    added = sum(count for _, count in steps)
    messages.success(request, f"{text}: {added:,} flights added.")


def _context(page: Any, request: HttpRequest, title: str) -> dict[str, Any]:
    return {
        **page.admin_site.each_context(request),
        "title": title,
        "opts": page.opts,
        "media": page.media,
    }


def _require(request: HttpRequest) -> None:
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied

"""The schedule's page: files in and out, a day's flights on other days, a season of weeks."""

import datetime as dt
from collections.abc import Iterator
from io import BytesIO

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from flights.admin.pages import ModelPages, require
from flights.admin.schedule_forms import CopyForm, FileForm, SeasonForm, SpanForm
from flights.admin.signature import signature
from flights.csv_lines import csv_lines
from flights.htmx import HtmxRequest
from flights.models import Flight, ScheduleImport
from flights.schedule.copy import NUMBERS, copy_day, copy_week, schedule_rows
from flights.schedule.import_job import enqueue_import, go_on, start_writing
from flights.schedule.table import count_lines

PERMISSIONS = ("flights.add_flight", "flights.change_flight")
SCHEDULE = "admin:flights_flight_schedule"
STATUS = "admin:flights_flight_import"
# A file this long is done while its sender waits, and a longer one by a worker.
LINES_AT_ONCE = 1500
MOST_COPIES = 50_000


def schedule(page: ModelPages[Flight], request: HttpRequest) -> HttpResponse:
    """Everything that can be done with many flights at once; each form posts its own name."""
    require(request, *PERMISSIONS)
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
            return _do(request, form)
    context = {
        "forms": forms_by_name,
        "imports": ScheduleImport.objects.defer("content").order_by("-pk")[:10],
    }
    return page.render(request, "admin/flights/flight/schedule.html", "Schedule", context)


def import_status(page: ModelPages[Flight], request: HtmxRequest, import_id: int) -> HttpResponse:
    """How far an import is, and what it would change; a part of the page for htmx."""
    require(request, *PERMISSIONS)
    one = get_object_or_404(ScheduleImport.objects.defer("content"), pk=import_id)
    template = "admin/flights/flight/import.html"
    if request.htmx:
        return render(request, f"{template}#progress", {"one": one})
    return page.render(request, template, f"Import of {one.file_name}", {"one": one})


@require_POST
def import_write(request: HttpRequest, import_id: int) -> HttpResponse:
    """Write what was checked, or have what is under way taken up again."""
    require(request, *PERMISSIONS)
    if not ScheduleImport.objects.filter(pk=import_id).exists():
        raise Http404
    if "again" not in request.POST and not start_writing(import_id, by=signature(request)):
        messages.error(request, "This import is not waiting to be written; nothing was done.")
    _take_up(import_id)
    return HttpResponseRedirect(reverse(STATUS, args=[import_id]))


def export(request: HttpRequest) -> HttpResponseBase:
    """The flights of some days as the file that the import reads."""
    require(request, "flights.view_flight")
    form = SpanForm(request.GET, prefix="export")
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, f"Export: {' '.join(map(str, errors))}")
        return HttpResponseRedirect(reverse(SCHEDULE))
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    rows = schedule_rows(Flight.objects.filter(departure_date__range=(first, last)))
    answer = StreamingHttpResponse(
        csv_lines(rows, numbers=NUMBERS), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="schedule-{first}-{last}.csv"'
    return answer


def _do(request: HttpRequest, form: forms.Form) -> HttpResponse:
    match form:
        case FileForm():
            return HttpResponseRedirect(reverse(STATUS, args=[_receive(request, form)]))
        case CopyForm():
            _copy_day(request, form)
        case SeasonForm():
            _copy_week(request, form)
    return HttpResponseRedirect(reverse(SCHEDULE))


def _receive(request: HttpRequest, form: FileForm) -> int:
    file = form.cleaned_data["file"]
    content = file.read()
    one = ScheduleImport.objects.create(
        by=signature(request),
        file_name=str(file.name)[:200],
        content=content,
        update=form.cleaned_data["update"],
        lines=count_lines(BytesIO(content)),
    )
    _take_up(one.pk)
    return one.pk


def _take_up(import_id: int) -> None:
    lines = ScheduleImport.objects.filter(pk=import_id).values_list("lines", flat=True).first()
    if lines is not None and lines <= LINES_AT_ONCE:
        go_on(import_id)
    else:
        enqueue_import(import_id)


def _copy_day(request: HttpRequest, form: CopyForm) -> None:
    day, days = form.cleaned_data["day"], form.days()
    text = f"The flights of {day} on {len(days)} other days"
    _copy(request, text, copy_day(day, days), _flying(departure_date=day) * len(days))


def _copy_week(request: HttpRequest, form: SeasonForm) -> None:
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    week = _flying(departure_date__range=(first, first + dt.timedelta(days=6)))
    text = f"The week from {first} again to {last}"
    _copy(request, text, copy_week(first, last), week * ((last - first).days // 7))


def _flying(**when: object) -> int:
    return Flight.objects.filter(Q(**when), cancelled_at=None).count()


def _copy(request: HttpRequest, text: str, steps: Iterator[tuple[dt.date, int]], most: int) -> None:
    if most > MOST_COPIES:
        text = f"{text}: that would be {most:,} flights; please do at most {MOST_COPIES:,} at once."
        messages.error(request, text)
        return
    added = sum(count for _, count in steps)
    messages.success(request, f"{text}: {added:,} flights added.")

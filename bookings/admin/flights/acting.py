"""Acting on flights: a page that says what will happen and asks why, then the saga."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import reverse

from bookings import saga
from bookings.admin.acting import ReasonForm, Refused, SeatsField, said_plainly
from bookings.admin.flights.operations import (
    BLOCK_PERMISSION,
    OPERATIONS,
    PERMISSION,
    FlightOperation,
)
from bookings.admin.formats import label as label_of
from bookings.models import Booking
from bookings.seats.load import Load, load_of
from flights.admin.signature import signature
from flights.models import CabinLayout, Flight

# Each is a transaction of its own, in one request.
AT_ONCE = 50
LIST = "admin:flights_flight_changelist"
PAGE = "admin:flights_flight_change"


class BlockForm(ReasonForm):
    """Seats ticked on the map, and why. `wanted` says whether they are blocked or freed."""

    seats = SeatsField(
        error_messages={
            "required": "Choose seats on the map first.",
            "invalid_choice": "This aircraft has no seat %(value)s.",
        }
    )

    def __init__(self, *args: Any, flight: Flight, wanted: bool) -> None:
        super().__init__(*args)
        self.fields["reason"].required = wanted
        seats = [(seat, seat) for seat in flight.layout.parsed.seats]
        self.fields["seats"].choices = seats  # type: ignore[attr-defined]


class SwapForm(ReasonForm):
    """The plan that was looked at."""

    layout = forms.CharField(widget=forms.HiddenInput, max_length=40)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=32)


def choice(operation: FlightOperation) -> Callable[..., HttpResponse | None]:
    """The operation in the list's menu."""

    @admin.action(description=f"{operation.label}…", permissions=["operate"])
    def ask(page: Any, request: HttpRequest, chosen: QuerySet[Flight]) -> HttpResponse | None:
        flights = list(chosen.select_related("layout")[: AT_ONCE + 1])
        if len(flights) > AT_ONCE:
            text = f"Please choose at most {AT_ONCE} flights at once. Nothing was done."
            messages.error(request, text)
            return None
        return _confirmation(page, request, operation, flights, operation.form())

    ask.__name__ = operation.name
    return ask


def act(page: Any, request: HttpRequest, name: str) -> HttpResponse:
    """The view of one operation: asks on GET, acts on POST."""
    if name not in OPERATIONS:
        raise Http404
    _require(request, PERMISSION)
    operation = OPERATIONS[name]
    flights = _chosen(request)
    form = operation.form(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _confirmation(page, request, operation, flights, form)
    for flight in flights:
        _run(page, request, flight, operation.label, operation.run, **form.cleaned_data)
    return HttpResponseRedirect(_back(flights))


def block(page: Any, request: HttpRequest, flight_id: int, *, wanted: bool) -> HttpResponse:
    """Block, or free again, the seats that were ticked on the flight's map."""
    _require(request, BLOCK_PERMISSION)
    flight = _flight(flight_id)
    form = BlockForm(request.POST, flight=flight, wanted=wanted)
    use_case, label = (saga.block_seats, "Block") if wanted else (saga.unblock_seats, "Unblock")
    if form.is_valid():
        seats = list(dict.fromkeys(form.cleaned_data["seats"]))
        reason = form.cleaned_data["reason"]
        text = f"{label} {', '.join(seats)[:200]}"
        _run(page, request, flight, text, use_case, seats=seats, reason=reason)
    else:
        for field, errors in form.errors.items():
            name = "Reason: " if field == "reason" else ""
            messages.error(request, f"{label}: {name}{' '.join(map(str, errors))}")
    return HttpResponseRedirect(reverse(PAGE, args=[flight_id]))


def swap(page: Any, request: HttpRequest, flight_id: int) -> HttpResponse:
    """Another aircraft: the plan on GET, the swap on POST, if it is still the plan."""
    _require(request, PERMISSION)
    flight = _flight(flight_id)
    form = SwapForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _run(
        page, request, flight, "Swap the aircraft", saga.swap_aircraft, **form.cleaned_data
    ):
        return HttpResponseRedirect(reverse(PAGE, args=[flight_id]))
    layouts = CabinLayout.objects.exclude(pk=flight.layout_id).order_by("aircraft")
    code = request.POST.get("layout") or request.GET.get("layout") or ""
    if code and code not in {layout.pk for layout in layouts}:
        messages.error(request, "There is no such aircraft to choose.")
        code = ""
    context = {
        **_context(page, request, f"Another aircraft for {flight}"),
        "flight": flight,
        "layouts": layouts,
        "chosen": code,
        "form": form,
        "back": reverse(PAGE, args=[flight_id]),
        **(_foreseen(request, flight, code) if code else {}),
    }
    return TemplateResponse(request, "admin/flights/flight/swap.html", context)


def _foreseen(request: HttpRequest, flight: Flight, code: str) -> dict[str, Any]:
    """The plan, seat by seat; nothing where there can be none."""
    try:
        with said_plainly():
            foreseen = saga.foresee_swap(flight_id=flight.pk, layout=code)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return {}
    plan = foreseen.plan
    bookings = Booking.objects.in_bulk(list(foreseen.bookings))
    whose = {seat: bookings[key] for key, seats in foreseen.bookings.items() for seat in seats}
    old, new = flight.layout.parsed.seats, foreseen.layout.parsed.seats
    return {
        "foreseen": foreseen,
        "kept": [seat for seat, now in plan.seats.items() if seat == now],
        "moves": [
            {
                "old": old[seat],
                "new": new[now],
                "upgraded": old[seat].cabin != new[now].cabin,
                "booking": whose[seat],
                "label": label_of(whose[seat]),
            }
            for seat, now in sorted(plan.moved.items(), key=lambda move: str(whose[move[0]].pk))
        ],
        "unseated": plan.unseated,
        "lost_blocks": plan.lost_blocks,
    }


def _run(
    page: Any, request: HttpRequest, flight: Flight, label: str, use_case: Any, **chosen: Any
) -> bool:
    try:
        with said_plainly():
            use_case(flight_id=flight.pk, by=signature(request), **chosen)
    except Refused as refusal:
        messages.error(request, f"{label}: refused for {flight}. {refusal}")
        return False
    page.log_change(request, flight, f"{label}: {chosen['reason']}")
    messages.success(request, f"{label}: done for {flight}.")
    return True


def _confirmation(
    page: Any,
    request: HttpRequest,
    operation: FlightOperation,
    flights: Sequence[Flight],
    form: ReasonForm,
) -> TemplateResponse:
    loads = load_of(flights)
    context = {
        **_context(
            page, request, f"{operation.label}: {len(flights)} flight{pluralize(len(flights))}?"
        ),
        "operation": operation,
        "form": form,
        "back": _back(flights),
        "rows": [
            {"flight": flight, "forecast": operation.foretell(flight, loads.get(flight.pk, Load()))}
            for flight in flights
        ],
    }
    return TemplateResponse(request, "admin/flights/flight/confirm.html", context)


def _context(page: Any, request: HttpRequest, title: str) -> dict[str, Any]:
    return {
        **page.admin_site.each_context(request),
        "title": title,
        "opts": page.opts,
        "media": page.media,
    }


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _chosen(request: HttpRequest) -> list[Flight]:
    ids = (request.POST if request.method == "POST" else request.GET).getlist("ids")[:AT_ONCE]
    if not all(text.isdecimal() and len(text) < 19 for text in ids):
        raise Http404
    flights = list(Flight.objects.select_related("layout").filter(pk__in=map(int, ids)))
    if not flights:
        raise Http404
    return flights


def _flight(flight_id: int) -> Flight:
    flight = Flight.objects.select_related("layout").filter(pk=flight_id).first()
    if flight is None:
        raise Http404
    return flight


def _back(flights: Sequence[Flight]) -> str:
    return reverse(PAGE, args=[flights[0].pk]) if len(flights) == 1 else reverse(LIST)

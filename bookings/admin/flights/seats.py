"""Seats that nobody can have: blocked, and freed again, as they are ticked on a flight's map."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from bookings import saga
from bookings.admin.forms import SeatsField, SeatsForm
from bookings.admin.permissions import BLOCK_SEATS
from bookings.admin.staff_action import StaffAction
from flights.admin.pages import ModelPages, require
from flights.models import Flight


class MapForm(SeatsForm):
    """Seats ticked on the map, and why."""

    seats = SeatsField(
        error_messages={
            "required": "Choose seats on the map first.",
            "invalid_choice": "This aircraft has no seat %(value)s.",
        }
    )


def block(page: ModelPages[Flight], request: HttpRequest, flight_id: int) -> HttpResponse:
    """Keep the ticked seats from everybody; somebody wants to know why."""
    return _change(page, request, flight_id, "Block", saga.block_seats, reason_required=True)


def unblock(page: ModelPages[Flight], request: HttpRequest, flight_id: int) -> HttpResponse:
    """Let the ticked seats be sold again."""
    return _change(page, request, flight_id, "Unblock", saga.unblock_seats, reason_required=False)


def _change(
    page: ModelPages[Flight],
    request: HttpRequest,
    flight_id: int,
    label: str,
    use_case: Callable[..., Flight],
    *,
    reason_required: bool,
) -> HttpResponse:
    require(request, BLOCK_SEATS)
    flight = get_object_or_404(Flight.objects.select_related("layout"), pk=flight_id)
    form = MapForm(request.POST)
    form.offer(flight.layout.parsed.seats)
    form.fields["reason"].required = reason_required
    if form.is_valid():
        seats = list(dict.fromkeys(form.cleaned_data["seats"]))
        action = StaffAction(page, request, f"{label} {', '.join(seats)[:200]}")
        reason = form.cleaned_data["reason"]
        action.run(flight, use_case, flight_id=flight.pk, seats=seats, reason=reason)
        action.report()
    else:
        _tell_mistakes(request, label, form)
    return HttpResponseRedirect(page.url("change", flight_id))


def _tell_mistakes(request: HttpRequest, label: str, form: MapForm) -> None:
    for field, errors in form.errors.items():
        name = "Reason: " if field == "reason" else ""
        messages.error(request, f"{label}: {name}{' '.join(map(str, errors))}")

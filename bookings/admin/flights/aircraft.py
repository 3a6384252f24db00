"""Another aircraft for a flight: the plan, seat by seat, and then the swap if it is still that."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from bookings import saga
from bookings.admin.flights.left_over import Wishes, choices, read_wishes
from bookings.admin.formats import label
from bookings.admin.forms import ReasonForm
from bookings.admin.permissions import OPERATE_FLIGHTS
from bookings.admin.staff_action import Refused, StaffAction, said_plainly
from bookings.models import Booking
from bookings.saga.aircraft import Foreseen
from bookings.saga.left_over import propose_leaving
from flights.admin.pages import ModelPages, require
from flights.cabin.seats import Seat
from flights.models import CabinLayout, Flight


class SwapForm(ReasonForm):
    """The plan that was looked at."""

    layout = forms.CharField(widget=forms.HiddenInput, max_length=40)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=32)


@dataclass(frozen=True)
class Reseated:
    """Somebody who gets another seat."""

    booking: Booking
    old: Seat
    new: Seat

    @property
    def label(self) -> str:
        return label(self.booking)

    @property
    def upgraded(self) -> bool:
        return self.old.cabin != self.new.cabin


def swap(page: ModelPages[Flight], request: HttpRequest, flight_id: int) -> HttpResponse:
    """The view: the plan on GET, and by what was chosen on POST; the swap, if it is still the plan
    and was asked for."""
    require(request, OPERATE_FLIGHTS)
    flight = get_object_or_404(Flight.objects.select_related("layout"), pk=flight_id)
    layouts = CabinLayout.objects.exclude(pk=flight.layout_id).in_bulk()
    layout = layouts.get(_chosen(request, layouts))
    wishes = read_wishes(request.POST.getlist("leaving"))
    is_asked_for = request.method == "POST" and "look" not in request.POST
    form = SwapForm(request.POST if is_asked_for else None, initial=request.POST.dict())
    if layout and form.is_valid():
        leaving = propose_leaving(flight, layout, wishes).leaving
        action = StaffAction(page, request, "Swap the aircraft")
        run = partial(saga.swap_aircraft, flight_id=flight.pk, leaving=leaving)
        done = action.run(flight, run, **form.cleaned_data)
        action.report()
        if done:
            return HttpResponseRedirect(page.url("change", flight_id))
    context = {
        "flight": flight,
        "layouts": sorted(layouts.values(), key=lambda each: each.aircraft),
        "chosen": layout.pk if layout else "",
        "form": form,
        "back": page.url("change", flight_id),
        **(_plan(request, flight, layout, wishes) if layout else {}),
    }
    title = f"Another aircraft for {flight}"
    return page.render(request, "admin/flights/flight/swap.html", title, context)


def _chosen(request: HttpRequest, layouts: Collection[str]) -> str:
    """The code of the aircraft that is asked for; "" where there is none, which is said."""
    code = request.POST.get("layout") or request.GET.get("layout") or ""
    if not code or code in layouts:
        return code
    messages.error(request, "There is no such aircraft to choose.")
    return ""


def _plan(
    request: HttpRequest, flight: Flight, layout: CabinLayout, wishes: Wishes
) -> dict[str, object]:
    """The plan for the template, with who leaves where there are too few seats; nothing where
    there can be none."""
    proposal = propose_leaving(flight, layout, wishes)
    try:
        with said_plainly():
            foreseen = saga.foresee_swap(
                flight_id=flight.pk, layout=layout.pk, leaving=proposal.leaving
            )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return {}
    plan = foreseen.plan
    return {
        "foreseen": foreseen,
        "kept": [seat for seat, now in plan.seats.items() if seat == now],
        "moves": _reseated(flight, foreseen),
        "unseated": plan.unseated,
        "lost_blocks": plan.lost_blocks,
        "choices": choices(proposal, foreseen, wishes),
    }


def _reseated(flight: Flight, foreseen: Foreseen) -> list[Reseated]:
    """Who gets another seat, a party together."""
    bookings = Booking.objects.in_bulk(list(foreseen.bookings))
    whose = {seat: bookings[key] for key, seats in foreseen.bookings.items() for seat in seats}
    old, new = flight.layout.parsed.seats, foreseen.layout.parsed.seats
    reseated = [
        Reseated(whose[seat], old[seat], new[now]) for seat, now in foreseen.plan.moved.items()
    ]
    return sorted(reseated, key=lambda one: str(one.booking.pk))

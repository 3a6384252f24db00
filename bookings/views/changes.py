"""Other seats for a paid booking: chosen on the map, then paid for if they cost something."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import saga
from bookings.errors import BookingError
from bookings.models import Change, State
from bookings.seats.seat_map import SeatStatus, owned_seats
from bookings.views.browser import identified
from bookings.views.cabin_drawing import drawn_with, legend_of_prices
from bookings.views.forms import PaymentForm
from bookings.views.journey import journey_of, to_page
from bookings.views.refusals import guarded
from bookings.views.shown_booking import Shown, own_booking, payment_words
from flights import known_flights
from flights.clock import database_clock
from flights.htmx import HtmxRequest


@require_http_methods(["GET", "HEAD", "POST"])
@guarded
@identified
def choose(request: HtmxRequest, booking_id: UUID, *, browser_id: UUID | None) -> HttpResponse:
    """The map to choose from; on POST the seats are held, or the change is made at once.

    Whoever has a change under way is shown that instead.
    """
    if request.method == "POST":
        seats = request.POST.getlist("seats")
        try:
            begun = saga.start_change(booking_id=booking_id, seats=seats, browser_id=browser_id)
        except BookingError as error:
            return _map(request, booking_id, browser_id, refused=error)
        return _to(request, begun)
    return _map(request, booking_id, browser_id)


@require_safe
@guarded
@identified
def change(
    request: HtmxRequest, booking_id: UUID, change_id: UUID, *, browser_id: UUID | None
) -> HttpResponse:
    """The change as it stands: 204 to htmx while it is at the version that the page has seen."""
    seen = saga.look_at_change(booking_id=booking_id, change_id=change_id, browser_id=browser_id)
    if request.htmx and request.GET.get("seen") == str(seen.booking.version):
        return HttpResponse(status=204)
    return _page(request, seen)


@require_POST
@guarded
@identified
def pay(
    request: HtmxRequest, booking_id: UUID, change_id: UUID, *, browser_id: UUID | None
) -> HttpResponse:
    """Start paying for it. What is filled in wrongly is refused before anything is spent."""
    form = PaymentForm(request.POST)
    refused: BookingError | None = None
    about: Any = {"booking_id": booking_id, "change_id": change_id, "browser_id": browser_id}
    if form.is_valid():
        try:
            saga.pay_change(**about, code=form.cleaned_data["code"])
        except BookingError as error:
            refused = error
    seen = saga.look_at_change(**about)
    if form.is_valid() and not refused and not request.htmx:
        return _to(request, seen)
    return _page(request, seen, form=form, refused=refused)


@require_POST
@guarded
@identified
def give_up(
    request: HtmxRequest, booking_id: UUID, change_id: UUID, *, browser_id: UUID | None
) -> HttpResponse:
    """Let the new seats go, and back to the booking, which keeps those that it has."""
    saga.give_up_change(booking_id=booking_id, change_id=change_id, browser_id=browser_id)
    return to_page(request, "booking", booking_id)


def _to(request: HtmxRequest, change: Change) -> HttpResponse:
    booking_id = change.booking.change_of_id
    assert booking_id
    return to_page(request, "change", booking_id, change.pk)


def _map(
    request: HtmxRequest,
    booking_id: UUID,
    browser_id: UUID | None,
    *,
    refused: BookingError | None = None,
) -> HttpResponse:
    shown = own_booking(booking_id, browser_id)
    if refused and refused.status == 404:
        raise refused
    if under_way := saga.open_change(booking_id):
        return _to(request, under_way)
    if not shown.may_change:
        return to_page(request, "booking", booking_id)
    seats, flight = shown.booking.seats, shown.flight
    ticked = request.POST.getlist("seats") if refused else seats
    taken = owned_seats(flight.pk)
    # What somebody has ticked and cannot have is seen as taken.
    free = {seat for seat in ticked if seat not in taken or seat in seats}
    mine = dict.fromkeys(seats, SeatStatus.AVAILABLE) | dict.fromkeys(free, SeatStatus.MINE)
    context = {
        "shown": shown,
        "booking": shown.booking,
        "flight": flight,
        "query": journey_of(request).query,
        "refusal": refused.message if refused else "",
        "bands": legend_of_prices(flight),
        "cabin": mark_safe(drawn_with(flight, {**taken, **mine})),
    }
    status = refused.status if refused else 200
    return render(request, "change_seats.html", context, status=status)


def _page(
    request: HtmxRequest,
    change: Change,
    *,
    form: PaymentForm | None = None,
    refused: BookingError | None = None,
) -> HttpResponse:
    if refused and refused.status == 404:
        raise refused
    booking, flight = change.booking, known_flights.get(change.booking.flight_id)
    shown = Shown(booking, flight, database_clock(), is_own=True, prices=())
    shown.form = form or PaymentForm()
    shown.refusal = refused.message if refused else ""
    address = partial(reverse, args=[booking.change_of_id, change.pk])
    context = {
        "change": change,
        "pairs": zip(change.replaced, booking.seats, strict=True),
        "shown": shown,
        "booking": booking,
        "flight": flight,
        "query": journey_of(request).query,
        "address": address("change"),
        "pay_address": address("pay_change"),
        "made": booking.state == State.CHANGED,
        **payment_words(),
    }
    template = "change.html#change" if request.htmx else "change.html"
    status = refused.status if refused else 400 if shown.form.errors else 200
    return render(request, template, context, status=status)

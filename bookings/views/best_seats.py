"""Best seats together: proposed to a party, and held for it all at once."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.errors import BookingError, SeatTaken
from bookings.seats.seat_map import look
from bookings.views.browser import identified
from bookings.views.forms import ProposalForm, TogetherForm
from bookings.views.journey import journey_of
from bookings.views.panel import Notice, Panel, Proposal, panel_of
from bookings.views.refusals import guarded
from bookings.views.seat_choice import replace_seats
from bookings.views.seat_map import answer, page_of, refused
from bookings.words import counted
from flights.cabin.best_seats import Wishes, best_seats
from flights.cabin.seats import Layout, Seat, price_cents
from flights.htmx import HtmxRequest

WISHES = {"window": "at a window", "aisle": "at an aisle"}


@require_http_methods(["GET", "HEAD", "POST"])
@guarded
@identified
def together(request: HtmxRequest, flight_id: int, *, browser_id: UUID) -> HttpResponse:
    """GET: propose seats to a party. POST: hold the seats that were proposed, all or none."""
    asked = TogetherForm(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        return answer(request, _hold(request, flight_id, browser_id, asked))
    panel = panel_of(flight_id, browser_id)
    if not panel.frozen:
        propose(panel, asked)
    if not request.htmx:
        return page_of(request, panel)
    party = asked.cleaned_data.get("party", 1)
    panel.journey = journey_of(request).but(party=party)
    response = answer(request, panel)
    # So that every later answer of this page knows how many travel.
    response["HX-Replace-Url"] = reverse("seat_map", args=[flight_id]) + panel.journey.query
    return response


def propose(panel: Panel, asked: TogetherForm) -> None:
    """Put the best seats for the party into the panel, or say why there are none."""
    panel.asked = asked.data
    if not asked.is_valid():
        panel.status, panel.notice = 400, Notice(_problems(asked))
        return
    layout, fare = panel.flight.layout.parsed, panel.flight.base_fare
    free = layout.seats.keys() - panel.others
    (party, children), wishes = asked.counted, asked.wishes
    seats = best_seats(layout, free, party, wishes, fare=fare, children=children)
    if not seats:
        panel.notice = Notice(_lacking(party, children))
        return
    prices = {seat: panel.fare.price(price_cents(layout.seats[seat], fare)) for seat in seats}
    panel.proposal = Proposal(prices, _in_words(layout, seats, wishes), asked)
    panel.said = f"Proposed: {', '.join(seats)}. {panel.proposal.words}"


def _hold(request: HtmxRequest, flight_id: int, browser_id: UUID, asked: TogetherForm) -> Panel:
    before = look(flight_id, browser_id).booking
    form = ProposalForm(request.POST)
    if not form.is_valid():
        raise BookingError
    seats, version = form.cleaned_data["proposal"], form.cleaned_data["version"]
    try:
        replace_seats(flight_id=flight_id, browser_id=browser_id, seats=seats, version=version)
    except BookingError as error:
        panel = refused(flight_id, browser_id, error, before)
        if isinstance(error, SeatTaken):
            panel.notice = Notice(f"{error.message} These are the next best.")
            propose(panel, asked)
        return panel
    panel = panel_of(flight_id, browser_id)
    panel.said = f"Held for you: {', '.join(seats)}."
    return panel


def _problems(asked: TogetherForm) -> str:
    return " ".join(str(error) for errors in asked.errors.values() for error in errors)


def _lacking(party: int, children: int) -> str:
    """Why nothing is proposed, and what to do instead."""
    if not children:
        return f"This cabin has no {party} free seats. Please try another cabin or fewer seats."
    return (
        f"This cabin has no {party} free seats outside its exit rows where no child would sit "
        "without an adult. Please try another cabin, or choose on the map."
    )


def _in_words(layout: Layout, seats: Sequence[str], wishes: Wishes) -> str:
    """Where the seats lie: "Side by side in row 12. None of them is at a window."."""
    chosen = [layout.seats[seat] for seat in seats]
    words = _where(layout, chosen)
    missed = [
        phrase
        for wish, phrase in WISHES.items()
        if getattr(wishes, wish) and not any(wish in seat.features for seat in chosen)
    ]
    return " ".join([words, *(f"None of them is {phrase}." for phrase in missed)])


def _where(layout: Layout, chosen: Sequence[Seat]) -> str:
    """How they lie to each other: "Side by side in row 12.", "In rows 14, 24, 10 rows apart."."""
    rows = list(dict.fromkeys(seat.row for seat in chosen))
    where = f"row {rows[0]}" if len(rows) == 1 else f"rows {', '.join(map(str, rows))}"
    if len(chosen) == 1:
        return f"In {where}, {chosen[0].description}."
    if len(rows) > 1:
        # Some numbers may be skipped.
        numbers = [row.number for row in layout.rows]
        apart = counted(numbers.index(rows[-1]) - numbers.index(rows[0]), "row")
        return f"In {where}, {apart} apart."
    if strangers := _strangers(layout, chosen):
        return f"In {where}, with {counted(len(strangers), 'seat')} of others between them."
    is_apart = chosen[-1].column - chosen[0].column >= len(chosen)
    return f"Across the aisle in {where}." if is_apart else f"Side by side in {where}."


def _strangers(layout: Layout, chosen: Sequence[Seat]) -> list[Seat]:
    """The seats of a row between the first and the last chosen one that were not chosen."""
    first, last = chosen[0], chosen[-1]
    row = (seat for seat in layout.seats.values() if seat.row == first.row)
    return [s for s in row if first.column < s.column < last.column and s not in chosen]

"""What each kind of mail says, and to whom. All texts are templates, of plain text.

They may say what stands on the `booking`, its `flight` and the `facts` (mail.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.db.models.functions import Now

from bookings.models import Booking, Kind, State
from bookings.notifications.attachments import attach_ticket
from bookings.saga.reminders import BEFORE

MONEY = (
    "{% if facts.refund %}{{ facts.refund.amount_cents|money:booking.currency }}"
    "{% if facts.refund.done_at %} has been given back."
    "{% else %} is on its way back; there is nothing you need to do.{% endif %}"
    "{% else %}{% include 'booking.html#money_words' %}{% endif %}"
)
SEATS = (
    "{% with many=booking.seats|length %}seat{{ many|pluralize }} {{ booking.seats|join:', ' }}"
    " {{ many|pluralize:'is,are' }} free again{% endwith %}"
)


def _now_and_before(now: str, before: str) -> str:
    """Two times at an airport, in its zone."""
    then, instead = (
        f"{{{{ {of}|day }}}} at {{{{ {of}|clock }}}} {{{{ {of}|zone }}}}" for of in (now, before)
    )
    return f"on {then}, instead of {instead}"


AN_EARLIER_ONE = "An earlier confirmation holds no longer."


YOUR_CHOICE = (
    "On the page of your booking you can accept this, take another flight at no cost, or have all"
    " your money back."
)


@dataclass(frozen=True)
class Mail:
    """A kind of mail."""

    # Before the booking code, the route and the day: it is read by whoever looks on.
    subject: str
    heading: str
    # Each of them is left out where it comes to nothing.
    paragraphs: tuple[str, ...]
    button: str = "See your booking"
    # The class of its heading, and what else stands around the flight.
    tone: str = "calm"
    template: str = "email/notice"
    attach: Callable[[EmailMultiAlternatives, Booking], None] | None = None
    # Whether one that tells less than a later one of its kind is dropped.
    only_latest: bool = False
    # Of which bookings somebody still needs one: it is dropped for the others.
    only: Q = field(default_factory=Q)
    until_departure: bool = False

    @property
    def needed(self) -> Q:
        in_time = Q(flight__departure__gt=Now()) if self.until_departure else Q()
        return Q(email__gt="") & in_time & self.only


MAILS: Mapping[str, Mail] = {
    Kind.CONFIRMATION: Mail(
        subject="Confirmed",
        heading="Have a good flight{% if booking.name %}, {{ booking.name }}{% endif %}",
        paragraphs=(
            "{% if facts.moved %}You have been moved to this flight; an earlier confirmation holds"
            " no longer.{% endif %}",
        ),
        tone="good",
        template="email/confirmation",
        attach=attach_ticket,
        only=Q(state=State.CONFIRMED),
        until_departure=True,
    ),
    Kind.HOLD_ENDING: Mail(
        subject="Your hold ends soon",
        heading="Your seats are held until {{ facts.held_until|clock }}",
        paragraphs=(
            "Seat{{ booking.seats|pluralize }} {{ booking.seats|join:', ' }}"
            " {{ booking.seats|pluralize:'is,are' }} held for you until"
            " {{ facts.held_until|clock }} {{ facts.held_until|zone }},"
            " at {{ booking.total_cents|money:booking.currency }}.",
            "Nothing is charged yet. What is not paid by then can be had by others.",
        ),
        button="Pay now",
        # Neither paid nor over by now, nor held anew.
        only=Q(
            state=State.SEATS_RESERVED,
            failures=0,
            due_at__gt=Now(),
            due_at__lte=Now() + BEFORE,
        ),
        only_latest=True,
    ),
    Kind.PAYMENT_FAILED: Mail(
        subject="Not booked",
        heading="The payment failed",
        paragraphs=(
            "{{ booking.last_error|default:'The payment did not go through.' }}",
            f"Nothing is booked; {SEATS}.",
            MONEY,
            "{% if facts.link %}You can try again with the same seats as long as nobody else has"
            " them.{% endif %}",
        ),
        button="Try again",
        tone="bad",
    ),
    Kind.CANCELLED: Mail(
        subject="Cancelled",
        heading="Your {% if flight.cancelled_at %}flight{% else %}booking{% endif %} is cancelled",
        paragraphs=(
            "{% if flight.cancelled_at %}"
            "The airline cancelled {{ flight.number }}, and your booking with it. We are sorry."
            "{% else %}{% if facts.event.by == 'customer' %}You{% else %}We{% endif %}"
            f" cancelled this booking; {SEATS}.{{% endif %}}",
            MONEY,
        ),
        tone="bad",
    ),
    Kind.FLIGHT_DELAYED: Mail(
        subject="Delayed",
        heading="Your flight is delayed",
        paragraphs=(
            "It leaves {{ flight.origin.city }}"
            f" {_now_and_before('flight.local_departure', 'facts.departure_before')}.",
            "It lands in {{ flight.destination.city }}"
            f" {_now_and_before('flight.local_arrival', 'facts.arrival_before')}.",
            YOUR_CHOICE,
            "Your ticket is attached, and the flight for your calendar, as they are now.",
        ),
        attach=attach_ticket,
        only=Q(state=State.CONFIRMED),
        only_latest=True,
        until_departure=True,
    ),
    Kind.SEATS_CHANGED: Mail(
        subject="New seats",
        heading="Your seats have changed",
        paragraphs=(
            "{% if facts.has_another_aircraft %}{{ flight.number }} has another aircraft now:"
            f" {{{{ flight.layout.aircraft }}}}. {YOUR_CHOICE}{{% endif %}}",
            "{% with now=facts.event.changes.seats %}{% if now != facts.seats_before %}"
            "Instead of seat{{ facts.seats_before|pluralize }} {{ facts.seats_before|join:', ' }}"
            " you have{% else %}After several changes you have again{% endif %}"
            " seat{{ now|pluralize }} {{ now|join:', ' }}.{% endwith %}"
            "{% if facts.event.by != 'customer' %} The price stays.{% endif %}",
            AN_EARLIER_ONE,
        ),
        template="email/confirmation",
        attach=attach_ticket,
        only=Q(state=State.CONFIRMED),
        only_latest=True,
        until_departure=True,
    ),
    Kind.SEATS_CANCELLED: Mail(
        subject="Seats cancelled",
        heading="A part of your booking is cancelled",
        paragraphs=(
            "You cancelled seat{{ facts.seats_gone|pluralize }} {{ facts.seats_gone|join:', ' }},"
            " and keep seat{{ booking.seats|pluralize }} {{ booking.seats|join:', ' }}.",
            "{% if not facts.refund %}By the conditions of its fare nothing goes back.{% endif %}",
            AN_EARLIER_ONE,
        ),
        template="email/confirmation",
        attach=attach_ticket,
        only=Q(state=State.CONFIRMED),
        until_departure=True,
    ),
    Kind.REFUND_ASKED: Mail(
        subject="Refund on its way",
        heading="Your refund is on its way",
        paragraphs=(
            "{% if not facts.refund %}A payment for this booking came through after it had ended."
            "{% endif %}",
            MONEY,
        ),
    ),
    Kind.REFUND_MADE: Mail(
        subject="Refund made",
        heading="Your refund is made",
        paragraphs=(MONEY, "It may take your bank some days to show it."),
        tone="good",
    ),
}

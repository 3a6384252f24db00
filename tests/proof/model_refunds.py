"""What goes back, and what one refund's answer means for the others, in the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bookings.errors import InvalidSeats, NotPossible, QuoteEnded
from tests.proof.model_booking import BACK, LEASE, PUT_OFF, SEAT_CENTS, Modelled
from tests.proof.model_gateway import Work

if TYPE_CHECKING:
    from tests.proof.model import Model


def next_refund(booking: Modelled) -> Work:
    """What the gateway is asked to give back first, or else to void."""
    failures = booking.failures
    if not booking.owing:
        return Work("void", booking.id, key=booking.attempts[-1].key, number=failures)
    # Of the oldest event; of several charges, by their keys.
    key = min(booking.owing, key=lambda key: (int(key.rpartition("-r")[2]), key))
    cents, charge = booking.owing[key], key.rpartition("-r")[0]
    return Work("refund", booking.id, key=key, charge=charge, cents=cents, number=failures)


def give_back(booking: Modelled, cents: int, kept: int, **columns: object) -> None:
    """So much goes back, and so much more is kept."""
    if cents:
        columns |= {"payment_status": "refund_due", "due": 0}
    booking.move(**columns)
    booking.kept += kept
    # Of the latest charge first.
    for place, (charge, left) in reversed([*enumerate(booking.charges)]):
        share = min(left, cents)
        booking.charges[place], cents = (charge, left - share), cents - share
        if share:
            booking.owing[f"{charge}-r{booking.version}"] = share
    assert not cents


def give_refund(model: "Model", id: str, cents: int) -> None:
    booking = model.bookings[id]
    if booking.state not in ("CONFIRMED", "CANCELLED"):
        raise NotPossible(f"Nothing was paid for this booking: it is {booking.state}.")
    if not 1 <= cents <= booking.paid_for:
        raise NotPossible("That is more than what is left of what was paid.")
    give_back(booking, cents, -cents)


@dataclass
class Quote:
    """What was said to go back."""

    booking: str
    seats: list[str]
    version: int
    cents: int
    fee: int
    # The text by which it is confirmed, and whether it was.
    id: str = ""
    confirmed: bool = False


def quote(model: "Model", id: str, seats: Sequence[str] | None, asker: str | None) -> Quote:
    booking = model.bookings[id]
    if seats is not None:
        if not seats:
            raise InvalidSeats("Choose at least one seat.")
        if len(set(seats)) != len(seats):
            raise InvalidSeats("Each seat can be chosen only once.")
        if unknown := sorted(set(seats) - set(booking.seats)):
            raise InvalidSeats(f"Seat {unknown[0]} is not of this booking.")
    booking.require_own(asker)
    _require_paid(booking)
    given = [seat for seat in booking.seats if seats is None or seat in seats]
    price = len(given) * SEAT_CENTS[booking.fare]
    cents = max(0, min((price * BACK[booking.fare] + 50) // 100, price + booking.kept))
    return Quote(id, given, booking.version, cents, price - cents)


def confirm(model: "Model", quote: Quote, asker: str | None) -> None:
    booking = model.bookings[quote.booking]
    booking.require_own(asker)
    if booking.version != quote.version:
        if quote.confirmed:
            return
        raise QuoteEnded
    _require_paid(booking)
    quote.confirmed = True
    if len(quote.seats) == len(booking.seats):
        give_back(booking, quote.cents, quote.fee, state="CANCELLED")
        booking.paid_with = ""
    else:
        left = [seat for seat in booking.seats if seat not in quote.seats]
        give_back(booking, quote.cents, quote.fee, named=booking.carried(left), seats=left)
    model.release(booking.id, quote.seats)


def _require_paid(booking: Modelled) -> None:
    if booking.state != "CONFIRMED":
        what = "Only what is paid can be given back for a refund"
        raise NotPossible(f"{what}: this booking is {booking.state}.")


class Refunds:
    """One that fails puts off the others, unless others succeed; the first that succeeds after
    some failed has those that wait tried at once."""

    work: bool | None = None

    def record(self, model: "Model", work: Work, done: bool) -> None:
        booking = model.bookings[work.booking]
        if not done:
            model.postpone(booking.id)
            self._failed(model, its_own_trouble=bool(self.work and work.number))
            return
        if booking.payment_status == "refund_due":
            booking.owing.pop(work.key, None)
            after = "charged" if booking.state == "CONFIRMED" else "refunded"
            money, due = ("refund_due", 0) if booking.owing else (after, None)
            booking.move(payment_status=money, due=due, failures=0)
        self._worked(model, is_back=self.work is False or work.number > 0)

    def _failed(self, model: "Model", its_own_trouble: bool) -> None:
        if its_own_trouble:
            return
        self.work = False
        for each in model.bookings.values():
            if each.payment_status == "refund_due" and each.is_due:
                each.move(due=PUT_OFF)

    def _worked(self, model: "Model", is_back: bool) -> None:
        self.work = True
        for each in model.bookings.values():
            due = each.due if each.payment_status == "refund_due" and each.due else 0
            if is_back and (due > LEASE or (due > 0 and each.failures)):
                each.move(due=0)

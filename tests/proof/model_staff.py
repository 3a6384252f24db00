"""What operators may do, in the model."""

from collections.abc import Sequence

from bookings.errors import InvalidSeats, NotPossible
from bookings.words import counted
from tests.proof.model import Model
from tests.proof.model_booking import Modelled
from tests.proof.model_refunds import give_back


def terminate(model: Model, id: str) -> None:
    booking = model.bookings[id]
    if not booking.is_open:
        raise NotPossible(f"This booking has already ended: it is {booking.state}.")
    if booking.attempts and booking.attempts[-1].outcome is None:
        booking.attempts[-1].outcome = "unknown"
    model.end(booking, "CANCELLED", refund=bool(booking.attempts))


def cancel_and_refund(model: Model, id: str) -> None:
    if model.bookings[id].state != "CONFIRMED":
        raise NotPossible("Only a confirmed booking can be cancelled and refunded.")
    booking = model.bookings[id]
    cents = min(booking.total, booking.paid_for)
    give_back(booking, cents, booking.total - cents, state="CANCELLED")
    booking.paid_with = ""
    model.release(id, booking.seats)


def retry_now(model: Model, id: str) -> None:
    booking = model.bookings[id]
    waiting = booking.state == "PAYMENT_PROCESSING" or booking.payment_status == "refund_due"
    if not waiting or any(attempt.outcome is None for attempt in booking.attempts):
        raise NotPossible("Nothing is waiting for its next try.")
    booking.move(due=0)


def reseat(model: Model, id: str, seats: Sequence[str]) -> None:
    booking = model.bookings[id]
    _require_known(model, seats)
    wanted, before = sorted(seats), booking.seats

    def commit() -> None:
        _require_movable(model, booking)
        if len(wanted) != len(before):
            many = counted(len(before), "seat")
            raise InvalidSeats(f"Please choose exactly {many}: as many as it has.")
        if wanted == sorted(before):
            raise NotPossible("These are the booking's seats already.")
        model.refuse_taken(id, [seat for seat in wanted if seat not in before])
        booking.move(named=booking.carried(wanted), seats=wanted)

    model.replace(booking, wanted, commit)


def block(model: Model, seats: Sequence[str]) -> None:
    for booking in model.bookings.values():
        if booking.owns and set(booking.seats) & set(seats):
            model.expire_if_due(booking)
    _require_seats(model, seats)
    model.refuse_taken("", sorted(seats))
    model.blocked |= set(seats)


def unblock(model: Model, seats: Sequence[str]) -> None:
    _require_seats(model, seats)
    if others := [seat for seat in seats if seat not in model.blocked]:
        raise NotPossible(f"Not blocked: {', '.join(others)}.")
    model.blocked -= set(seats)


def _require_movable(model: Model, booking: Modelled) -> None:
    if booking.change:
        held = "These seats are held for another booking that is to have them"
        raise NotPossible(f"{held}: see its history.")
    if booking.state == "SEATS_RESERVED":
        model.require_hold(booking)
    elif booking.state != "CONFIRMED":
        raise NotPossible(
            f"Only a hold or a confirmed booking can be moved: it is {booking.state}."
        )


def _require_seats(model: Model, seats: Sequence[str]) -> None:
    if not seats:
        raise InvalidSeats("Choose at least one seat.")
    _require_known(model, seats)


def _require_known(model: Model, seats: Sequence[str]) -> None:
    if len(set(seats)) != len(seats):
        raise InvalidSeats("Each seat can be chosen only once.")
    if unknown := sorted(set(seats) - set(model.aircraft)):
        raise InvalidSeats(f"This aircraft has no seat {', '.join(unknown)}.")

"""Other seats for a paid booking, in the model: held beside its own, paid for, and exchanged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bookings.errors import (
    ChangeOutdated,
    InvalidPaymentCode,
    InvalidSeats,
    NotPossible,
    OpenChangeExists,
)
from bookings.words import counted
from tests.proof.model_booking import CHANGE_FEE, Changed, Modelled

if TYPE_CHECKING:
    from tests.proof.model import Model


def start(model: "Model", id: str, change_id: str, seats: Sequence[str], asker: str | None) -> None:
    booking = model.bookings[id]
    booking.require_own(asker)
    if booking.state != "CONFIRMED":
        only = "Only the seats of a paid booking can be changed"
        raise NotPossible(f"{only}: this one is {booking.state}.")
    wanted, had = model.wanted(seats), list(booking.seats)
    if len(wanted) != len(had):
        raise InvalidSeats(f"Please choose exactly {counted(len(had), 'seat')}: as many as it has.")
    if set(wanted) == set(had):
        raise NotPossible("These are the booking's seats already.")
    new = [seat for seat in wanted if seat not in had]
    replaced = [seat for seat in had if seat not in wanted]
    # All seats cost the same, so that only the fee is paid.
    cost = (booking.total * CHANGE_FEE[booking.fare] + 50) // 100
    change = Modelled(change_id, new, None, booking.fare)
    change.change = Changed(booking, had, replaced, cost)

    def commit() -> None:
        if _open_change(model, booking):
            raise OpenChangeExists
        model.refuse_taken(change_id, new)
        model.bookings[change_id] = change

    try:
        model.claim(change_id, new, [], commit)
    except OpenChangeExists:
        other = _open_change(model, booking)
        if not (other and other.is_hold and other.is_due):
            raise
        model.expire_if_due(other)
        model.claim(change_id, new, [], commit)
    if not cost:
        end(model, change, paid=False)


def pay(model: "Model", id: str, code: str, asker: str | None) -> None:
    change = model.bookings[id]
    assert change.change
    change.change.booking.require_own(asker)
    if len(code) != 5:
        raise InvalidPaymentCode
    if change.paid_with == code:
        return
    model.require_hold_or_expire(change)
    if not _is_of_use(change):
        raise ChangeOutdated
    change.move(state="PAYMENT_PROCESSING", code=code, paid_with=code, due=0)


def give_up(model: "Model", id: str, asker: str | None) -> None:
    change = model.bookings[id]
    assert change.change
    change.change.booking.require_own(asker)
    if change.state != "CANCELLED":
        model.require_hold_or_expire(change)
        model.end(change, "CANCELLED")


def end(model: "Model", change: Modelled, *, paid: bool) -> None:
    """It is paid for, or costs nothing: the booking gets its seats, if it is as it was."""
    about = change.change
    assert about
    if not _is_of_use(change):
        model.end(change, "FAILED", refund=True)
        return
    money = "charged" if paid else "none"
    change.move(state="CHANGED", payment_status=money, code="", due=None)
    instead = dict(zip(about.replaced, change.seats, strict=True))
    about.booking.move(seats=[instead.get(seat, seat) for seat in about.before])
    about.booking.kept += about.cost
    if paid:
        about.booking.charges.append((change.attempts[-1].key, about.cost))
    model.release(change.id, change.seats)
    model.release(about.booking.id, about.replaced)


def _is_of_use(change: Modelled) -> bool:
    about = change.change
    assert about
    return about.booking.state == "CONFIRMED" and about.booking.seats == about.before


def _open_change(model: "Model", booking: Modelled) -> Modelled | None:
    of_it = (
        each
        for each in model.bookings.values()
        if each.change and each.change.booking is booking and each.is_open
    )
    return next(of_it, None)

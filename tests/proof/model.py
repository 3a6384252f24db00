"""What the saga promises, said a second time in plain Python: no database, no Redis, no clock.

Seconds count down in each booking, and pass only when `time_passes`. The lines follow the
order in which the saga decides, because that order decides which refusal a customer reads.
"""

from collections.abc import Callable, Iterable, Sequence

from bookings.errors import (
    BookingChanged,
    BookingError,
    HoldExpired,
    InvalidPaymentCode,
    InvalidSeats,
    NoSeats,
    OpenBookingExists,
    PassengersMissing,
    SeatTaken,
)
from tests.proof.model_booking import (
    HOLD,
    LEASE,
    LIMIT,
    NO_HOLD,
    PAUSE,
    PROMPT,
    RETRY,
    Attempt,
    Modelled,
)
from tests.proof.model_changes import end as end_change
from tests.proof.model_gateway import Ledger, Work
from tests.proof.model_refunds import Refunds, next_refund

type Maybe = str | None
type Seats = Sequence[str]
# Who owns a seat that is blocked.
BLOCK = "a block"


class Model:
    """Every booking of one flight, the gateway's ledger and the locks at the door."""

    def __init__(self, seats: Iterable[str], most_seats: int) -> None:
        self.aircraft = sorted(seats)
        self.most_seats = most_seats
        self.bookings: dict[str, Modelled] = {}
        self.locks: dict[str, str] = {}
        self.blocked: set[str] = set()
        self.ledger = Ledger()
        self.refunds = Refunds()

    @property
    def owners(self) -> dict[str, str]:
        """Who owns each seat that is owned; a block is an owner too."""
        owning = [each for each in self.bookings.values() if each.owns]
        owned = {seat: each.id for each in owning for seat in each.seats}
        return owned | dict.fromkeys(self.blocked, BLOCK)

    # --- What a customer does ---------------------------------------------------------------
    def hold(self, id: str, seats: Sequence[str], customer: str | None, fare: str | None) -> None:
        wanted = self.wanted(seats)
        if not wanted:
            raise InvalidSeats
        booking = Modelled(id, wanted, customer)
        booking.fare = booking.fare_or(fare)
        if mine := self._open_of(customer):
            self.expire_if_due(mine)

        def commit() -> None:
            if self._open_of(customer):
                raise OpenBookingExists
            self.refuse_taken(id, wanted)
            self.bookings[id] = booking

        self.claim(id, wanted, [], commit)

    def update(self, id: str, seats: Seats, fare: Maybe, version: int | None, asker: Maybe) -> None:
        booking, wanted = self.bookings[id], self.wanted(seats)
        before, fare = booking.seats, booking.fare_or(fare)

        def commit() -> None:
            booking.require_own(asker)
            self.require_hold(booking)
            if version not in (None, booking.version):
                raise BookingChanged
            self.refuse_taken(id, [seat for seat in wanted if seat not in before])
            state = "SEATS_RESERVED" if wanted else "CREATED"
            due, named = min(HOLD, LIMIT - booking.age), booking.carried(wanted)
            booking.move(state=state, named=named, seats=wanted, due=due, fare=fare)

        self.replace(booking, wanted, commit)

    def pay(self, id: str, code: str, asker: str | None) -> None:
        booking = self.bookings[id]
        if len(code) != 5:
            raise InvalidPaymentCode
        booking.require_own(asker)
        if booking.paid_with == code:
            return
        self.require_hold_or_expire(booking)
        if not booking.seats:
            raise NoSeats
        if None in booking.named:
            raise PassengersMissing
        booking.move(state="PAYMENT_PROCESSING", code=code, paid_with=code, due=0)

    def cancel(self, id: str, asker: str | None) -> None:
        booking = self.bookings[id]
        booking.require_own(asker)
        if booking.state != "CANCELLED":
            self.require_hold_or_expire(booking)
            self.end(booking, "CANCELLED")

    # --- What time does ----------------------------------------------------------------------
    def time_passes(self, booking: Modelled, seconds: float) -> None:
        assert booking.due is not None
        booking.move(due=booking.due - seconds, age=booking.age + seconds)

    def step(self, id: str) -> Work | None:
        """Take the booking's next step if it is due; returns what its worker does after it."""
        booking = self.bookings[id]
        if not booking.is_due:
            return None
        if booking.is_hold:
            return self.end(booking, "EXPIRED", at_once=False)
        if booking.state == "PAYMENT_PROCESSING":
            return self._payment_step(booking)
        booking.move(due=LEASE)
        return next_refund(booking)

    def expire_all(self) -> int:
        due = [each for each in self.bookings.values() if each.is_hold and each.is_due]
        for booking in due:
            self.end(booking, "EXPIRED")
        return len(due)

    def overdue_payments(self) -> list[str]:
        """What a sweep hands over to the workers, the longest overdue first."""
        late = {
            each.id: each.due
            for each in self.bookings.values()
            if not each.is_hold and each.due is not None and each.due <= -PROMPT
        }
        return sorted(late, key=late.__getitem__)

    def postpone(self, id: str) -> None:
        """A step raised. The test stretches the pause by PAUSE at once."""
        booking = self.bookings[id]
        if booking.due is not None:
            failures = booking.failures + 1
            booking.move(failures=failures, due=min(60, 2**failures))
            self.time_passes(booking, -PAUSE)

    # --- What the gateway's answers do -------------------------------------------------------
    def record(self, work: Work, answer: str) -> None:
        """The worker writes down what it was told, however late that is."""
        booking = self.bookings[work.booking]
        if work.kind == "charge":
            self._record_charge(booking, work.number, answer)
        elif work.kind == "lookup":
            self._record_settlement(booking, answer)
        else:
            self.refunds.record(self, work, answer == "done")

    def _payment_step(self, booking: Modelled) -> Work:
        last = booking.attempts[-1] if booking.attempts else None
        if last and last.outcome is None:
            last.outcome = "unknown"
        unknown = last is not None and last.outcome == "unknown"
        booking.move(due=LEASE)
        if last and unknown and len(booking.attempts) == 3:
            return Work("lookup", booking.id, key=last.key)
        number = len(booking.attempts) + 1
        key = last.key if last and unknown else f"{booking.id}-{number}"
        booking.attempts.append(Attempt(key))
        return Work("charge", booking.id, key=key, number=number)

    def _record_charge(self, booking: Modelled, number: int, answer: str) -> None:
        attempt = booking.attempts[number - 1]
        if attempt.outcome is not None:
            self._late(booking, answer)
            return
        attempt.outcome = answer
        is_last = number == 3
        if answer == "approved":
            self._confirm(booking)
        elif answer == "refused" or (is_last and answer == "declined"):
            self.end(booking, "FAILED")
        else:
            booking.move(due=0 if is_last else RETRY * 1.5 ** (number - 1))

    def _record_settlement(self, booking: Modelled, answer: str) -> None:
        if booking.state != "PAYMENT_PROCESSING":
            self._late(booking, answer)
        elif answer == "approved":
            self._confirm(booking)
        else:
            self.end(booking, "FAILED", refund=answer == "unknown")

    def _late(self, booking: Modelled, answer: str) -> None:
        """Nobody waits for it any more. It revives nothing, but money goes back."""
        ended_unpaid = booking.state in ("FAILED", "CANCELLED") and booking.payment_status == "none"
        if answer == "approved" and ended_unpaid:
            booking.move(payment_status="refund_due", due=0)

    def _confirm(self, booking: Modelled) -> None:
        if booking.change:
            end_change(self, booking, paid=True)
            return
        booking.charges.append((booking.attempts[-1].key, booking.total))
        booking.move(
            state="CONFIRMED", payment_status="charged", code="", due=None, was_confirmed=True
        )

    # --- Seats and their locks ---------------------------------------------------------------
    def release(self, id: str, seats: Iterable[str]) -> None:
        for seat in seats:
            if self.locks.get(seat) == id:
                del self.locks[seat]

    def replace(self, booking: Modelled, wanted: list[str], commit: Callable[[], None]) -> None:
        """Other seats instead of those it has, all or nothing."""
        before = booking.seats
        try:
            self.claim(booking.id, wanted, before if booking.owns else [], commit)
        except HoldExpired:
            self.expire_if_due(booking)
            raise
        self.release(booking.id, [seat for seat in before if seat not in wanted])

    def claim(self, id: str, seats: list[str], had: list[str], commit: Callable[[], None]) -> None:
        if locked := [seat for seat in seats if self.locks.get(seat, id) != id]:
            self._make_way(id, locked)
        self.locks |= dict.fromkeys(seats, id)
        try:
            try:
                commit()
            except SeatTaken as error:
                self._make_way(id, error.seats)
                commit()
        except BookingError:
            self.release(id, [seat for seat in seats if seat not in had])
            raise

    def _make_way(self, id: str, seats: list[str]) -> None:
        rivals = {seat: self.owners[seat] for seat in seats if self.owners.get(seat, id) != id}
        overdue = [
            each.id
            for each in self.bookings.values()
            if each.state == "SEATS_RESERVED" and each.is_due
        ]
        if taken := sorted(seat for seat, owner in rivals.items() if owner not in overdue):
            raise SeatTaken(taken)
        for owner in rivals.values():
            self.expire_if_due(self.bookings[owner])

    def refuse_taken(self, id: str, seats: list[str]) -> None:
        if taken := [seat for seat in seats if self.owners.get(seat, id) != id]:
            raise SeatTaken(taken)

    def wanted(self, seats: Sequence[str]) -> list[str]:
        """In cabin order; refused in the saga's words."""
        if len(set(seats)) != len(seats):
            raise InvalidSeats("Each seat can be chosen only once.")
        if len(seats) > self.most_seats:
            raise InvalidSeats(f"At most {self.most_seats} seats can be booked together.")
        if unknown := sorted(set(seats) - set(self.aircraft)):
            raise InvalidSeats(f"This aircraft has no seat {', '.join(unknown)}.")
        return sorted(seats)

    # --- A hold's end ------------------------------------------------------------------------
    def _open_of(self, customer: str | None) -> Modelled | None:
        mine = [each for each in self.bookings.values() if each.customer == customer]
        return next((each for each in mine if customer and each.is_open), None)

    def require_hold(self, booking: Modelled) -> None:
        if not booking.is_hold:
            raise NO_HOLD[booking.state]
        if booking.is_due or booking.failures:
            raise HoldExpired

    def require_hold_or_expire(self, booking: Modelled) -> None:
        try:
            self.require_hold(booking)
        except HoldExpired:
            self.expire_if_due(booking)
            raise

    def expire_if_due(self, booking: Modelled) -> None:
        if booking.is_hold and booking.is_due:
            self.end(booking, "EXPIRED")

    def end(
        self, booking: Modelled, state: str, *, refund: bool = False, at_once: bool = True
    ) -> Work:
        money = "refund_due" if refund else booking.payment_status
        booking.move(state=state, payment_status=money, due=0 if refund else None, code="")
        booking.paid_with = ""
        if at_once:
            self.release(booking.id, booking.seats)
        return Work("free", booking.id, seats=tuple(booking.seats))

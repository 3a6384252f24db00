"""The saga: the only code that changes a booking's state.

The booking row is the workflow: `due_at` is the timer, a Celery countdown task makes it
prompt, a Redis lock is a pre-check, and `sweep` makes every promise true even when both are
gone. Everything is decided in one Postgres transaction under the booking's row lock, by the
database's clock; the gateway, Redis and the broker are spoken to only outside of it.

Read `transitions` (how a row changes), `holds`, `fare_choice`, `passengers`, `payment`,
`cancellation`, `changes` and `disruptions` (what a customer does), `timers` (what time does),
`staff`, `reseating` and `other_flights` (what staff do to a booking), `flight_operations`,
`flight_cancellation` and `aircraft` (what they do to a flight).
The page, the API, the admin and the commands all call the functions named here; none has a rule of
its own.
"""

from bookings.saga.aircraft import foresee_swap, swap_aircraft
from bookings.saga.cancellation import cancel_as_quoted, quote_cancellation
from bookings.saga.changes import (
    find_change,
    give_up_change,
    look_at_change,
    open_change,
    pay_change,
    start_change,
)
from bookings.saga.conditions import NO_HOLD
from bookings.saga.disruptions import (
    accept_flight,
    find_disruption,
    take_full_refund,
    take_other_flight,
)
from bookings.saga.fare_choice import choose_fare
from bookings.saga.flight_cancellation import cancel_flight, end_bookings
from bookings.saga.flight_operations import (
    block_seats,
    close_flight,
    delay_flight,
    reopen_flight,
    unblock_seats,
)
from bookings.saga.holds import cancel, find_booking, hold_seats, open_booking, update_seats
from bookings.saga.naming import Said
from bookings.saga.other_flights import move_to_flight
from bookings.saga.passengers import correct_passengers, forget_passengers, name_passengers
from bookings.saga.payment import start_payment
from bookings.saga.reseating import reseat
from bookings.saga.staff import (
    cancel_and_refund,
    give_refund,
    resend_confirmation,
    retry_now,
    retry_refunds,
    terminate,
)
from bookings.saga.statements import look
from bookings.saga.timers import advance, sweep

__all__ = [
    "NO_HOLD",
    "Said",
    "accept_flight",
    "advance",
    "block_seats",
    "cancel",
    "cancel_and_refund",
    "cancel_as_quoted",
    "cancel_flight",
    "choose_fare",
    "close_flight",
    "correct_passengers",
    "delay_flight",
    "end_bookings",
    "find_booking",
    "find_change",
    "find_disruption",
    "foresee_swap",
    "forget_passengers",
    "give_refund",
    "give_up_change",
    "hold_seats",
    "look",
    "look_at_change",
    "move_to_flight",
    "name_passengers",
    "open_booking",
    "open_change",
    "pay_change",
    "quote_cancellation",
    "reopen_flight",
    "reseat",
    "resend_confirmation",
    "retry_now",
    "retry_refunds",
    "start_change",
    "start_payment",
    "swap_aircraft",
    "sweep",
    "take_full_refund",
    "take_other_flight",
    "terminate",
    "unblock_seats",
    "update_seats",
]

"""Who gets a seat: bookings, the seats they own, their payment attempts and their history.

Whatever can be a database constraint is one, so that a mistake elsewhere is refused by
Postgres instead of being committed. Two rules that Django cannot express are in
migration 0002: a claim exists only for a booking that may own seats, and events are
append-only.
"""

from bookings.models.booking import (
    COLUMNS,
    HOLDING,
    MOST_ATTEMPTS,
    NOT_OPEN,
    OPEN,
    OWNING,
    PAYMENT_CODE,
    Booking,
    PaymentStatus,
    State,
)
from bookings.models.change import Change
from bookings.models.claim import SeatClaim
from bookings.models.event import BookingEvent
from bookings.models.ledger import LedgerEntry
from bookings.models.message import GIVE_UP_AFTER, Kind, Message, unfinished, waiting_of_each
from bookings.models.passengers import Passenger, Passengers, PassengerType
from bookings.models.payment import Outcome, PaymentAttempt
from bookings.models.refund import Refund
from bookings.models.saved_search import SavedSearch

__all__ = [
    "COLUMNS",
    "GIVE_UP_AFTER",
    "HOLDING",
    "MOST_ATTEMPTS",
    "NOT_OPEN",
    "OPEN",
    "OWNING",
    "PAYMENT_CODE",
    "Booking",
    "BookingEvent",
    "Change",
    "Kind",
    "LedgerEntry",
    "Message",
    "Outcome",
    "Passenger",
    "PassengerType",
    "Passengers",
    "PaymentAttempt",
    "PaymentStatus",
    "Refund",
    "SavedSearch",
    "SeatClaim",
    "State",
    "unfinished",
    "waiting_of_each",
]

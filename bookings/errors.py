"""What can be refused, in words a customer can read, and the one table of HTTP statuses.

The page shows `message`; the JSON API answers `{error: code, message}` with `status`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class BookingError(Exception):
    """The request could not be understood."""

    def __init__(self, message: str = "") -> None:
        # The docstring is the message: one text, read by customers and by programmers.
        self.message = message or str(type(self).__doc__)
        super().__init__(self.message)

    @property
    def status(self) -> int:
        return TABLE[type(self)][0]

    @property
    def code(self) -> str:
        return TABLE[type(self)][1]


class InvalidSeats(BookingError):
    """Please choose different seats that this aircraft has, at least one."""


class SeatTaken(BookingError):
    """Somebody else has this seat now."""

    def __init__(self, seats: Sequence[str]) -> None:
        self.seats = list(seats)
        names = ", ".join(self.seats)
        super().__init__(
            f"Seat {names} has just been taken."
            if len(self.seats) == 1
            else f"Seats {names} have just been taken."
        )


class FlightNotFound(BookingError):
    """There is no such flight."""


class BookingNotFound(BookingError):
    """There is no such booking."""


class NotOnSale(BookingError):
    """This flight is no longer on sale."""


class FlightCancelled(BookingError):
    """This flight was cancelled: its seats are given back, and nothing was charged."""


class FlightChanged(BookingError):
    """This flight has another aircraft now. Please look at its seats again."""


class PricesChanged(FlightChanged):
    """The prices of this flight have changed. Please look at its seats again."""


class HoldExpired(BookingError):
    """The hold on these seats ran out, and nothing was charged. Please choose seats again."""


class AlreadyPaid(BookingError):
    """This booking is already paid and confirmed. Cancel it for a refund, or ask the airline."""


class PaymentFailed(BookingError):
    """This payment failed: no seat is held, and nothing stays charged. Please book again."""


class BookingCancelled(BookingError):
    """This booking was cancelled: it has no seats, nothing stays charged. Please book again."""


class OpenBookingExists(BookingError):
    """You already hold seats on this flight; change those instead."""


class PaymentInProgress(BookingError):
    """The payment is being processed. Please wait for its result."""


class InvalidPaymentCode(BookingError):
    """The payment code must be exactly five digits, 0 to 9."""


class InvalidContact(BookingError):
    """Please give the name in at most 80 characters, and an e-mail address like ada@example.org."""


class Problem(NamedTuple):
    """What is wrong with what was said of a passenger."""

    # Whose: his place in what was said; None where it is about all of them.
    place: int | None
    # "seat", "name", "type" or "born".
    field: str
    message: str


class InvalidPassengers(BookingError):
    """Please say who travels: one passenger for each seat."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(dict.fromkeys(problem.message for problem in self.problems)))


class PassengersMissing(BookingError):
    """Please name a passenger for every seat, an adult among them, before paying."""


class BookingChanged(BookingError):
    """This booking was changed in another tab or window. This page now shows how it stands."""


class NoSeats(BookingError):
    """Please choose at least one seat before paying."""


class InvalidFare(BookingError):
    """This fare is not sold. Please choose another one."""


class NotPossible(BookingError):
    """The booking's state does not allow this."""


class QuoteNotFound(BookingError):
    """There is no such quote for this booking. Please ask for a new one."""


class QuoteEnded(BookingError):
    """This quote has ended, or what it was about has changed. Please ask for a new one."""


class ChangeNotFound(BookingError):
    """There is no such change of this booking."""


class OpenChangeExists(BookingError):
    """Other seats are held for this booking already. Pay for those, or give them up first."""


class ChangeOutdated(BookingError):
    """The booking or its flight has changed since these seats were chosen. Please choose again."""


class ChangeMade(BookingError):
    """This change is made: the booking has its new seats."""


class NotYours(BookingError):
    """This booking can be paid, changed or given back only where it was made."""


class NoSuchTrip(BookingError):
    """We find no booking with this code and name. Please check both."""


class TooManyTries(BookingError):
    """That was tried too often. Please wait ten minutes, then try again."""


class OtherSite(BookingError):
    """A page of another site may not do this."""


class NotJson(BookingError):
    """The request must be sent as application/json; see /api/docs."""


# error: HTTP status, the API's code
TABLE: dict[type[BookingError], tuple[int, str]] = {
    BookingError: (400, "INVALID_REQUEST"),
    InvalidSeats: (400, "INVALID_SEATS"),
    InvalidPaymentCode: (400, "PAYMENT_FAILED"),
    InvalidContact: (400, "INVALID_REQUEST"),
    InvalidPassengers: (400, "INVALID_PASSENGERS"),
    PassengersMissing: (400, "INVALID_PASSENGERS"),
    NoSeats: (400, "INVALID_SEATS"),
    InvalidFare: (400, "INVALID_FARE"),
    FlightNotFound: (404, "FLIGHT_NOT_FOUND"),
    BookingNotFound: (404, "ORDER_NOT_FOUND"),
    QuoteNotFound: (404, "QUOTE_NOT_FOUND"),
    QuoteEnded: (409, "QUOTE_ENDED"),
    ChangeNotFound: (404, "CHANGE_NOT_FOUND"),
    OpenChangeExists: (409, "CHANGE_OPEN"),
    ChangeOutdated: (409, "CHANGE_ENDED"),
    ChangeMade: (409, "ORDER_CLOSED"),
    NoSuchTrip: (404, "ORDER_NOT_FOUND"),
    TooManyTries: (429, "TOO_MANY_REQUESTS"),
    SeatTaken: (409, "SEATS_UNAVAILABLE"),
    HoldExpired: (409, "ORDER_EXPIRED"),
    NotOnSale: (409, "ORDER_CLOSED"),
    FlightCancelled: (409, "ORDER_CLOSED"),
    FlightChanged: (409, "ORDER_CLOSED"),
    PricesChanged: (409, "ORDER_CLOSED"),
    AlreadyPaid: (409, "ORDER_CLOSED"),
    PaymentFailed: (409, "ORDER_CLOSED"),
    BookingCancelled: (409, "ORDER_CLOSED"),
    OpenBookingExists: (409, "ORDER_CLOSED"),
    BookingChanged: (409, "ORDER_CLOSED"),
    NotPossible: (409, "ORDER_CLOSED"),
    PaymentInProgress: (409, "PAYMENT_IN_PROGRESS"),
    NotYours: (403, "FORBIDDEN"),
    OtherSite: (403, "FORBIDDEN"),
    NotJson: (415, "UNSUPPORTED_MEDIA_TYPE"),
}

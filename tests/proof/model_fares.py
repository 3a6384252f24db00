"""Another fare for a hold, in the model."""

from tests.proof.model import Model


def choose(model: Model, id: str, fare: str, asker: str | None) -> None:
    booking = model.bookings[id]
    fare = booking.fare_or(fare)
    booking.require_own(asker)
    model.require_hold_or_expire(booking)
    booking.move(fare=fare)

"""Other seats for a booking that is paid."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bookings.models.booking import Booking
from flights.models import Flight


class Change(models.Model):
    """What a change is instead of, and what it comes to; never changed.

    The new seats are held, and perhaps paid for, by a `booking` of the change's own while the old
    ones stay sold. Once it is made they are given to the booking that it is a `change_of`, whose
    old seats are free from then on. Ending otherwise, it leaves that booking as it was.
    """

    booking = models.OneToOneField(Booking, models.PROTECT, primary_key=True)
    # The flight, its aircraft, and the seats that it was chosen instead of: of no use after that.
    from_flight = models.ForeignKey(Flight, models.PROTECT, related_name="+", db_index=False)
    layout = models.CharField(max_length=40)
    before = ArrayField(models.CharField(max_length=4))
    # Those of them that are given up, each for the change's seat in the same place.
    replaced = ArrayField(models.CharField(max_length=4))
    # What all the booking's seats cost afterwards, at its fare.
    new_total_cents = models.PositiveIntegerField()
    # What goes back of what they cost before; the price of the change's own `booking` is to be
    # paid.
    back_cents = models.PositiveIntegerField()

    class Meta:
        # Nobody but the saga writes one, and staff see it on the booking's page.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{', '.join(self.booking.seats)} instead of {', '.join(self.replaced)}"

    @property
    def difference_cents(self) -> int:
        """What it costs; below zero, what goes back."""
        return self.booking.total_cents - self.back_cents

    @property
    def seats(self) -> list[str]:
        """All the seats that the booking is to have, each in its place."""
        instead = dict(zip(self.replaced, self.booking.seats, strict=True))
        return [instead.get(seat, seat) for seat in self.before]

"""Fares: at what share of a seat's price it is sold, and under which conditions."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from flights.money import share

# What one gets who chooses none. It costs what a seat costs, and is always sold.
STANDARD = "standard"
# The first of its kind, which migration 0005 made: of bookings from before there were fares.
FIRST_STANDARD = 1
STANDARD_PRICE = "Standard costs what the seat costs: 100 %."

fare_code = RegexValidator(r"^[a-z][a-z0-9-]{0,19}\Z", "A code is small letters, like light.")


def _per_cent(name: str, least: int, most: int) -> "models.PositiveSmallIntegerField[int, int]":
    limits = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(name, validators=limits)


class Fare(models.Model):
    """One of the fares that all flights are sold at.

    It stays as it is, as bookings were sold by it: whoever edits one makes the next, and takes
    this one off sale. Of what share of which price: `share` in flights/money.py.
    """

    code = models.CharField(max_length=20, validators=[fare_code])
    name = models.CharField(max_length=30)
    percent = _per_cent("price (% of the seat's)", 1, 1000)
    refund_percent = _per_cent("refunded when cancelled (%)", 0, 100)
    refund_hours = models.PositiveSmallIntegerField(
        "refunded until so many hours before departure", validators=[MaxValueValidator(8760)]
    )
    change_fee_percent = _per_cent("fee for a change (% of what was paid)", 0, 100)
    on_sale = models.BooleanField(default=True)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        # Bookings were sold by it: it is never deleted.
        default_permissions = ("add", "change", "view")
        constraints = [
            models.UniqueConstraint(
                "code",
                condition=Q(on_sale=True),
                name="fare_sold_once",
                violation_error_message="There is a fare with this code already.",
            ),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 1000))
                & Q(refund_percent__lte=100)
                & Q(refund_hours__lte=8760)
                & Q(change_fee_percent__lte=100),
                name="fare_in_bounds",
            ),
            models.CheckConstraint(
                condition=~Q(code=STANDARD) | Q(percent=100),
                name="fare_standard_is_the_price",
                violation_error_message=STANDARD_PRICE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def price(self, cents: int) -> int:
        """What a seat of this price costs at this fare, in cents."""
        return share(cents, self.percent)

    def clean(self) -> None:
        if self.code != STANDARD:
            return
        if not self.on_sale:
            raise ValidationError({"on_sale": "Whoever chooses no fare gets this one."})
        if self.percent != 100:
            raise ValidationError({"percent": STANDARD_PRICE})

    @transaction.atomic
    def replace(self) -> None:
        """Sell it as it is here from now on, or no more; bookings keep the one they have."""
        same = Fare.objects.filter(code=self.code)
        # Another who does so is waited for; whoever sells by it need not wait.
        list(same.select_for_update(no_key=True))
        same.filter(on_sale=True).update(on_sale=False)
        if self.on_sale:
            self.pk = None
            self.save(force_insert=True)

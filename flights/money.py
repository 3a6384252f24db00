"""Money: how many decimals each currency has, and how amounts are read and written.

Everywhere else an amount is a whole number of the smallest unit of its currency, called cents:
of a dollar, a cent; of the yen, which has none, a yen; of the dinar of Kuwait, a thousandth.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

# Decimals of those currencies that have not two: ISO 4217, list one, "minor unit".
DECIMALS = {
    code: decimals
    for decimals, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
USUAL_DECIMALS = 2
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
# What a column of the database holds.
MOST_CENTS = 2**31 - 1


class Money(NamedTuple):
    """An amount with its currency."""

    cents: int
    currency: str

    @property
    def decimals(self) -> int:
        return DECIMALS.get(self.currency, USUAL_DECIMALS)

    @property
    def unit(self) -> int:
        """How many cents one whole euro, yen or dinar has."""
        return int(10**self.decimals)

    @property
    def amount(self) -> Decimal:
        """With all decimals of the currency: 129.50, 12345, 12.345."""
        return Decimal(self.cents).scaleb(-self.decimals)

    @property
    def price(self) -> str:
        """As customers read it, without decimals that are all 0: "€145", "¥12,345"; by its code
        where that is better known: "CHF 145.50"."""
        amount = f"{self.amount if self.cents % self.unit else self.cents // self.unit:,}"
        symbol = SYMBOLS.get(self.currency)
        # A no-break space: a price is never torn apart.
        return f"{symbol}{amount}" if symbol else f"{self.currency}\u00a0{amount}"

    def __str__(self) -> str:
        """As staff read it: "1,234.50 EUR", "12,345 JPY"."""
        return f"{self.amount:,} {self.currency}"


def share(cents: int, percent: int) -> int:
    """So much of an amount, rounded to the smallest unit of its currency, half up."""
    return (cents * percent + 50) // 100


def check_sum(text: str, what: str = "the fare") -> str:
    """The text of an amount in whatever currency. Raises ValidationError."""
    if not (re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,10})?", text) and text.strip("0.")):
        raise ValidationError(f"{what} is a sum above 0, like 129 or 129.50.")
    return text


def read(text: str, currency: str, what: str = "the fare") -> Money:
    """An amount as somebody wrote it: "129", "129.5" or "129.50". Raises ValidationError."""
    whole, _, fraction = check_sum(text, what).partition(".")
    decimals = Money(0, currency).decimals
    if len(fraction) > decimals:
        raise ValidationError(f"{currency} has {decimals or 'no'} decimals.")
    money = Money(int(whole + fraction.ljust(decimals, "0")), currency)
    if money.cents > MOST_CENTS:
        raise ValidationError(f"{what} is at most {Money(MOST_CENTS, currency)}.")
    return money

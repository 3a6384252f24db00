"""Amounts in the words of what is wrong, written by Postgres as the pages write them."""

import json

from flights.money import DECIMALS, USUAL_DECIMALS


def said(cents: str, currency: str) -> str:
    """Two columns as "129.50 EUR", "12345 JPY"."""
    decimals = f"coalesce((%(decimals)s::jsonb ->> {currency})::int, {USUAL_DECIMALS})"
    return f"round({cents} / 10::numeric ^ {decimals}, {decimals}) || ' ' || {currency}"


def params() -> dict[str, str]:
    """What `said` needs to be told."""
    return {"decimals": json.dumps(DECIMALS)}

"""The real world and the model, told in the same words, so that they can be compared."""

from collections.abc import Callable
from typing import Any

from django.db.models.functions import Now
from django_redis import get_redis_connection

from bookings.errors import BookingError
from bookings.models import Booking, PaymentAttempt, Refund
from tests.proof.model import Model

# Between what the model says is left of a timer and what the database says: the seconds that
# the test itself has taken. All times of the model are far longer.
NEAR_SECONDS = 45


def outcome(act: Callable[[], object]) -> object:
    """What came of it: its answer, or its refusal in words."""
    try:
        return act()
    except BookingError as refusal:
        return type(refusal).__name__, refusal.message


def bookings_in_the_world() -> dict[str, dict[str, Any]]:
    attempts: dict[str, list[tuple[str, str | None]]] = {}
    for row in PaymentAttempt.objects.order_by("booking_id", "number"):
        attempts.setdefault(str(row.booking_id), []).append((row.key, row.outcome))
    owing: dict[str, dict[str, int]] = {}
    for refund in Refund.objects.filter(done_at=None):
        owing.setdefault(str(refund.booking_id), {})[refund.key] = refund.amount_cents
    return {
        str(row.pk): {
            "state": row.state,
            "payment_status": row.payment_status,
            "seats": row.seats,
            "named": [one and one.given for one in row.passengers],
            "fare": (row.fare.code, row.total_cents),
            "due": row.due_at and About((row.due_at - row.read_at).total_seconds()),
            "code": row.payment_code,
            "attempts": attempts.get(str(row.pk), []),
            "failures": row.failures,
            "kept": row.kept_cents,
            "owing": owing.get(str(row.pk), {}),
            "version": row.version,
            "has a locator": row.record_locator is not None,
        }
        for row in Booking.objects.select_related("fare").annotate(read_at=Now())
    }


def bookings_in(model: Model) -> dict[str, dict[str, Any]]:
    return {
        each.id: {
            "state": each.state,
            "payment_status": each.payment_status,
            "seats": each.seats,
            "named": each.named,
            "fare": (each.fare, each.total),
            "due": None if each.due is None else About(each.due),
            "code": each.code,
            "attempts": [(attempt.key, attempt.outcome) for attempt in each.attempts],
            "failures": each.failures,
            "kept": each.kept,
            "owing": each.owing,
            "version": each.version,
            "has a locator": each.was_confirmed,
        }
        for each in model.bookings.values()
    }


class About(float):
    """Seconds until something is due, give or take what the test took."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) < NEAR_SECONDS

    __hash__ = None  # type: ignore[assignment]


def locks_in_the_world() -> dict[str, str]:
    """Who has the lock of each seat that is locked."""
    redis, keys = get_redis_connection(), _keys()
    owners = redis.mget(keys) if keys else []
    names = (key.decode().rsplit(":", 1)[1] for key in keys)
    return {seat: owner.decode() for seat, owner in zip(names, owners, strict=True) if owner}


def forget_locks() -> None:
    if keys := _keys():
        get_redis_connection().delete(*keys)


def clear_redis() -> None:
    """No locks, and no countdowns for the workers of later tests."""
    forget_locks()
    get_redis_connection().delete("work", "timers")


def _keys() -> list[bytes]:
    return list(get_redis_connection().keys("seat:*"))

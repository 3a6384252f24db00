"""What a booking costs while old ones become many: it should cost as much as among few."""

from tests.load.customers import Bookings, bookings, over_api, steadily, warm_up
from tests.load.old_bookings import OldBookings
from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = 32


def measure(setting: Setting) -> Report:
    setting.end_holds()
    # Otherwise the first size would pay for what is new to everybody.
    _booked(setting)
    old = OldBookings()
    seen = {count: _among(setting, old, count) for count in setting.sizes.old_bookings}
    costs = [each.cpu_ms for each in seen.values()]
    times = max(costs) / min(costs)
    row = Row(
        work=f"CPU a booking among {' / '.join(f'{count:,}' for count in seen)} old ones",
        reach="within 1.3 times",
        seen=f"{' / '.join(f'{cost:.1f}' for cost in costs)} ms: {times:.2f} times",
        reached=times <= 1.3,
    )
    return Report([row], [_note(seen)])


def _among(setting: Setting, old: OldBookings, count: int) -> Bookings:
    old.grow_to(count)
    return _booked(setting)


def _booked(setting: Setting) -> Bookings:
    book = over_api(steadily)
    warm_up(setting, clients=CLIENTS, book=book)
    return bookings(setting, setting.seats(setting.sizes.grown), clients=CLIENTS, book=book)


def _note(seen: dict[int, Bookings]) -> str:
    each = ", ".join(
        f"{count:,}: {one.per_second:.0f} bookings/s, p50 {one.wait_ms(50):.0f} ms, of which "
        f"Postgres {1000 * one.usage.by_part['postgres'] / one.count:.1f} ms of CPU"
        for count, one in seen.items()
    )
    return (
        f"With so many old bookings in the tables, their history, attempts and ledger included, "
        f"{CLIENTS} clients made: {each}."
    )

"""From the first click to CONFIRMED, when nobody has to stand in a queue."""

from tests.load.customers import bookings, often, over_api, warm_up
from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = 8


def measure(setting: Setting) -> Report:
    book = over_api(often)
    warm_up(setting, clients=CLIENTS, book=book)
    seen = bookings(setting, setting.seats(setting.sizes.waits), clients=CLIENTS, book=book)
    p50, p99 = seen.wait_ms(50), seen.wait_ms(99)
    row = Row(
        work=f"from the first click to CONFIRMED, {CLIENTS} clients",
        reach="p50 ≤ 60 ms",
        seen=f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        reached=p50 <= 60,
    )
    note = (
        f"The {CLIENTS} clients look at the status every 10 ms, {seen.looks:.1f} times a booking, "
        f"so that the figure is at most 10 ms too long. They made {seen.per_second:.0f} bookings "
        "a second."
    )
    return Report([row], [note])

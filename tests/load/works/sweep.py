"""The same bookings by 1, 8, 32 and 128 clients: how many a second, and how long each takes."""

from tests.load.chart import even, line_chart, tenfold
from tests.load.customers import Bookings, at_first_often, bookings, over_api, warm_up
from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = (1, 8, 32, 128)
# One client alone makes few bookings a second, and needs few to show how long they take.
LEAST = 10


def measure(setting: Setting) -> Report:
    seen = {clients: _by(setting, clients) for clients in CLIENTS}
    paces = " / ".join(f"{each.per_second:.0f}" for each in seen.values())
    row = Row(
        work=f"bookings by {' / '.join(map(str, CLIENTS))} clients",
        seen=f"{paces} bookings/s",
    )
    waits = ", ".join(
        f"{clients}: {each.wait_ms(50):.0f} and {each.wait_ms(99):.0f}"
        for clients, each in seen.items()
    )
    note = (
        f"From the first click to CONFIRMED, p50 and p99 in ms, by clients: {waits}. They look at "
        "the status every 10 ms, and seldomer the longer they wait, so that a figure is at most a "
        "quarter too long."
    )
    return Report([row], [note], charts=_charts(seen))


def _by(setting: Setting, clients: int) -> Bookings:
    book = over_api(at_first_often)
    warm_up(setting, clients=clients, book=book)
    seats = setting.seats(setting.sizes.sweep * (LEAST + clients))
    return bookings(setting, seats, clients=clients, book=book)


def _charts(seen: dict[int, Bookings]) -> dict[str, str]:
    places, each = [str(clients) for clients in seen], list(seen.values())
    paces = [one.per_second for one in each]
    waits = {f"p{percent}": [one.wait_ms(percent) for one in each] for percent in (50, 99)}
    return {
        "throughput": line_chart(
            "Bookings a second",
            across="clients",
            places=places,
            lines={"": paces},
            scale=even(max(paces)),
        ),
        "latency": line_chart(
            "From the first click to CONFIRMED, milliseconds",
            across="clients",
            places=places,
            lines=waits,
            scale=tenfold(min(waits["p50"]), max(waits["p99"])),
        ),
    }

"""Two web processes and two workers against one of each, in turn: noise hits both alike."""

from tests.load.customers import Bookings, bookings, over_api, steadily, warm_up
from tests.load.report import Report, Row
from tests.load.setting import Setting

CLIENTS = 32
ROUNDS = 2


def measure(setting: Setting) -> Report:
    seen: dict[int, list[Bookings]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for processes, rounds in seen.items():
            with setting.stack.staffed(processes):
                rounds.append(_booked(setting))
    one, two = (_per_second(rounds) for rounds in seen.values())
    row = Row(
        work=f"two web processes and two workers, {CLIENTS} clients",
        seen=f"{two:.0f} bookings/s, {two / one:.2f} times one of each",
    )
    note = (
        f"One web process and one worker made {one:.0f} bookings a second at "
        f"{_cpu_ms(seen[1]):.1f} ms of CPU each, two of each {two:.0f} at "
        f"{_cpu_ms(seen[2]):.1f} ms; in {ROUNDS} rounds, in turn."
    )
    return Report([row], [note])


def _booked(setting: Setting) -> Bookings:
    book = over_api(steadily)
    warm_up(setting, clients=CLIENTS, book=book)
    return bookings(setting, setting.seats(setting.sizes.doubled), clients=CLIENTS, book=book)


def _per_second(rounds: list[Bookings]) -> float:
    return sum(each.count for each in rounds) / sum(each.seconds for each in rounds)


def _cpu_ms(rounds: list[Bookings]) -> float:
    return sum(each.cpu_ms for each in rounds) / len(rounds)

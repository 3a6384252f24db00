"""Ten thousand open holds while nothing happens: what only waiting costs."""

import time

from tests.load.meters import Memory, Stopwatch, Usage, memory
from tests.load.report import Report, Row
from tests.load.setting import Setting


def measure(setting: Setting) -> Report:
    count = setting.sizes.open_holds
    before, usage_before = _rest(setting)
    setting.hold_until_open(count)
    after, usage = _rest(setting)
    cores, cores_before = (used.stack / used.seconds for used in (usage, usage_before))
    more = _total(after) - _total(before)
    row = Row(
        work=f"{count:,} open holds, idle",
        reach="≤ 0.01 core, ≤ 15 MB more",
        seen=f"{cores:.3f} core ({cores_before:.3f} without them), {more.all:.0f} MB more",
        reached=round(cores, 3) <= 0.01 and round(more.all) <= 15,
        alone="nothing is written",
    )
    growth = {part: after[part] - before[part] for part in after}
    return Report([row], [_cores(usage), _growth(growth, _total(after))])


def _rest(setting: Setting) -> tuple[dict[str, Memory], Usage]:
    """Memory of each part, and CPU time in `idle_seconds`, once everything is calm."""
    time.sleep(setting.sizes.calm_seconds)
    pids = setting.stack.pids
    watch = Stopwatch(pids)
    time.sleep(setting.sizes.idle_seconds)
    return {part: memory(pid) for part, pid in pids.items()}, watch.read()


def _total(parts: dict[str, Memory]) -> Memory:
    return sum(parts.values(), Memory(0, 0))


def _cores(usage: Usage) -> str:
    parts = sorted(usage.by_part.items(), key=lambda part: -part[1])
    each = ", ".join(f"{name} {seconds / usage.seconds:.4f}" for name, seconds in parts)
    return f"Cores with these holds, idle: {each}; measured over {usage.seconds:.0f} s."


def _growth(growth: dict[str, Memory], total: Memory) -> str:
    each = ", ".join(f"{part} {more.all:.0f}" for part, more in growth.items())
    return (
        f"MB more with these holds: {each} ({growth['postgres'].shared:.0f} of Postgres' are its "
        f"shared buffers, which fill up to their fixed size whatever is done). {total.all:.0f} MB "
        "in all, pages that processes share counted once."
    )

"""Rows of a schedule, and what becomes of them."""

from io import BytesIO

from flights.schedule.file import Imported, import_schedule

HEADER = "number,origin,destination,departure,arrival,layout,base_fare"
GOOD = "FB100,CDG,JFK,2030-01-15 10:00,2030-01-15 12:00,small,129.50"


def changed(**cells: str) -> str:
    """GOOD with some cells changed."""
    return ",".join(
        {**dict(zip(HEADER.split(","), GOOD.split(","), strict=True)), **cells}.values()
    )


def load(
    *rows: str | bytes, header: str = HEADER, strict: bool = False, update: bool = False
) -> tuple[Imported, dict[int, str]]:
    """What was imported, and the reasons by line."""
    told: dict[int, str] = {}
    lines = [row if isinstance(row, bytes) else row.encode() for row in (header, *rows)]
    file = BytesIO(b"".join(line + b"\n" for line in lines))
    result = import_schedule(file, tell=told.__setitem__, strict=strict, update=update)
    assert result.bad + result.codeshares == len(told)
    return result, told

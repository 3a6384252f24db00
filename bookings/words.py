"""Settings in words: a text that names one takes it from here."""


def duration(seconds: float) -> str:
    """900 -> "15 minutes", 5400 -> "1 hour 30 minutes", 45 -> "45 seconds"."""
    whole = round(seconds)
    parts = [(whole // 3600, "hour"), (whole // 60 % 60, "minute"), (whole % 60, "second")]
    said = [counted(count, unit) for count, unit in parts if count]
    return " ".join(said) or "0 seconds"


def counted(count: int, thing: str) -> str:
    """1, "seat" -> "1 seat"; 9, "seat" -> "9 seats"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"

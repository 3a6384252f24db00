"""What was typed, without what keyboards and spreadsheets put around and between."""

import unicodedata


def plain(text: str) -> str:
    """Wide letters and digits made narrow, any dash "-", any space one blank, none at the ends."""
    if not text.isascii():
        text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return " ".join(text.split())


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Pd":
            return "-"
        case "Cf":  # Marks of direction, joiners, a byte order mark: nobody sees them.
            return ""
        case _:
            return "-" if character == "\N{MINUS SIGN}" else character


def plain_code(text: str) -> str:
    """In capitals, and without any space."""
    return plain(text).replace(" ", "").upper()

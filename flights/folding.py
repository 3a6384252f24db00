"""Words as they are compared: without accents, capitals and punctuation."""

import unicodedata

# Letters that Unicode does not take apart into a letter and an accent.
PLAIN_LETTERS = str.maketrans("øłđðħıæœþ", "olddhiaot", "'`\u2019")


def fold(text: str) -> str:
    """Words in plain small letters, one space between: "São Paulo/Guarulhos" -> "sao paulo …"."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN_LETTERS)
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())

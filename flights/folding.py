"""Words as they are compared: without accents, capitals, punctuation and what is unseen."""

import unicodedata

# What is left out of a word: apostrophes of every shape, and the line that stretches Arabic.
LEFT_OUT = (
    "'`\N{ACUTE ACCENT}\N{PRIME}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}\N{MODIFIER LETTER PRIME}"
    "\N{MODIFIER LETTER TURNED COMMA}\N{MODIFIER LETTER APOSTROPHE}"
    "\N{MODIFIER LETTER REVERSED COMMA}\N{HEBREW PUNCTUATION GERESH}"
    "\N{HEBREW PUNCTUATION GERSHAYIM}\N{ARMENIAN APOSTROPHE}\N{ARABIC TATWEEL}"
)
# Letters that Unicode does not take apart into plain ones, or that keyboards take for others.
PLAIN_LETTERS = str.maketrans(
    dict.fromkeys(LEFT_OUT, "")
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y"}
    | {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"}
)


def fold(text: str) -> str:
    """Words in plain small letters, one space between: "São Paulo/Guarulhos" -> "sao paulo …"."""
    # An acute accent by itself comes apart into a space and a mark.
    apart = unicodedata.normalize("NFKD", text.translate(PLAIN_LETTERS))
    return " ".join("".join(map(_plain, apart.casefold().translate(PLAIN_LETTERS))).split())


def _plain(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    # Most vowels of Indic scripts are marks beside their letter.
    is_of_word = character.isalnum() or unicodedata.category(character).startswith("M")
    return character if is_of_word else " "

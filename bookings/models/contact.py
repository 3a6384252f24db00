"""What a name and an e-mail address may be: one definition, for columns, forms, API and mail."""

import re
import unicodedata
from collections.abc import Iterable
from email.policy import default as mail_policy

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from flights.folding import fold
from flights.models.text_field import TextField

# They turn letters around, so that what is seen is not what was typed.
OVERRIDES = "\u202d\u202e"
# Unseen themselves, they shape the letters beside them.
JOINERS = "\u200c\u200d\u180e"
WITHOUT_JOINERS = str.maketrans("", "", JOINERS)
# The combining class of a sign that takes a letter's vowel away: a joiner after it shapes that.
VIRAMA = 9
# Of a word that is looked for; Postgres has no index for very long ones.
LONGEST_WORD = 80


def normalised(text: str) -> str:
    """One spelling for what looks the same: in NFC, any spaces as one plain one, none at the ends.

    What is unseen is left out (direction marks, and what is copied from other programs along
    with a word), but for joiners where they shape a letter.
    """
    seen = "".join(letter for letter in text if _is_seen(letter))
    around = zip(" " + seen, seen, seen[1:] + " ", strict=False)
    shaped = (
        letter for before, letter, after in around if letter not in JOINERS or _joins(before, after)
    )
    return " ".join(unicodedata.normalize("NFC", "".join(shaped)).split())


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) != "Cf" or letter in OVERRIDES + JOINERS


def _joins(before: str, after: str) -> bool:
    shapes_sign = unicodedata.combining(before) == VIRAMA
    return shapes_sign or (_is_of_letter(before) and _is_of_letter(after))


def _is_of_letter(character: str) -> bool:
    """A letter, or a mark on one."""
    return unicodedata.category(character)[0] in "LM"


def printable(text: str) -> None:
    """Half a character, or one that steers a terminal, is in nobody's name."""
    if not text.translate(WITHOUT_JOINERS).isprintable():
        raise ValidationError("Please use letters that can be printed.")


def nobodys_address(text: str) -> None:
    """A name is written into e-mails to an address that nobody has confirmed."""
    if any(part in text.casefold() for part in ("://", "<", ">", "www.")):
        raise ValidationError("Please give a name, without addresses.")


def ascii_domain(domain: str) -> str:
    """The domain as mail and web servers know it: münchen.de is xn--mnchen-3ya.de.

    Raises ValidationError where there can be no such domain.
    """
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValidationError(f"There can be no domain “{domain}”.") from error


def sendable(address: str) -> str:
    """The address that mail is sent to. Raises ValidationError where none can be."""
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise ValidationError("Before the @ we can only send to letters a to z, digits and signs.")
    sent_to = f"{local}@{ascii_domain(domain)}"
    validate_email(sent_to)
    if not _is_read_as_written(sent_to):
        raise ValidationError("A mail program would read another address there.")
    return sent_to


def _is_read_as_written(address: str) -> bool:
    """In the head of a mail `=?utf-8?q?eve?=@example.org` is eve@example.org: an encoded word."""
    local, _, domain = address.rpartition("@")
    header = mail_policy.header_factory("To", address)
    [read] = header.addresses
    unquoted = re.sub(r'\\(.)|"', r"\1", local)
    return not header.defects and (read.username, read.domain) == (unquoted, domain)


def reachable(address: str) -> None:
    """Mail can be sent there."""
    sendable(address)


def contact_words(names: Iterable[str], email: str) -> list[str]:
    """What a contact is found by: each word of a name, all of them as one, and the address."""
    found = set(looked_for(email))
    for name in names:
        words = [word for typed in name.split() for word in looked_for(typed)]
        found |= {*words, *looked_for("".join(words))}
    return sorted(found)


def looked_for(typed: str) -> list[str]:
    """A word that somebody looks for, as `contact_words` has it: D'Arc-Weiß is darc and weiss."""
    words = ["@".join(map(fold, typed.split("@")))] if "@" in typed else fold(typed).split()
    return [word[:LONGEST_WORD] for word in words]


class _ContactField(TextField):
    """Written, and looked for, in its one spelling."""

    def to_python(self, value: object) -> str:
        return normalised(str(value))


class NameField(_ContactField):
    """Who travels, in their own words."""

    default_validators = [printable, nobodys_address]
    default_error_messages = {
        "max_length": "Please shorten the name to %(limit_value)d characters."
    }


class AddressField(_ContactField):
    """Where mail can be sent to; its domain in the customer's own letters."""

    default_validators = [printable, reachable]
    default_error_messages = {
        "invalid": "This is no e-mail address yet; one looks like ada@example.org.",
        "max_length": "Please give an address of at most %(limit_value)d characters.",
    }

    def to_python(self, value: object) -> str:
        # A keyboard for Japanese also types letters, dots and an @ that are twice as wide.
        return super().to_python(unicodedata.normalize("NFKC", str(value)))

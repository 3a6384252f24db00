import unicodedata

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

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
    apart = unicodedata.normalize("NFKD", text.translate(PLAIN_LETTERS))
    return " ".join("".join(map(_plain, apart.casefold().translate(PLAIN_LETTERS))).split())


def _plain(character: str) -> str:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    # Most vowels of Indic scripts are marks beside their letter.
    is_of_word = character.isalnum() or unicodedata.category(character).startswith("M")
    return character if is_of_word else " "


def looked_for(typed):
    words = ["@".join(map(fold, typed.split("@")))] if "@" in typed else fold(typed).split()
    return [word[:80] for word in words]


def words_of(name, email):
    words = [word for typed in name.split() for word in looked_for(typed)]
    return sorted({*words, *looked_for("".join(words)), *looked_for(email)})


def fill(apps, schema_editor):
    """For the bookings that are there; of new ones the saga writes it."""
    bookings = apps.get_model("bookings", "Booking").objects
    named = bookings.exclude(name="", email="").values_list("pk", "name", "email")
    with schema_editor.connection.cursor() as cursor:
        for pk, name, email in named.iterator(chunk_size=2000):
            cursor.execute(
                "UPDATE bookings_booking SET contact_words = array_to_tsvector(%s::text[]) WHERE id = %s",
                [words_of(name, email) or None, pk],
            )


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0004_failed_mail'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='booking',
            name='booking_by_name',
        ),
        migrations.RemoveIndex(
            model_name='booking',
            name='booking_by_surname',
        ),
        migrations.RemoveIndex(
            model_name='booking',
            name='booking_by_email',
        ),
        migrations.AddField(
            model_name='booking',
            name='contact_words',
            field=django.contrib.postgres.search.SearchVectorField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('contact_words__isnull', False)), fastupdate=False, fields=['contact_words'], name='booking_contact'),
        ),
        # Last: Postgres changes no table that was written to.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

"""Of two who edit one thing at once, the second is told and nothing is undone unseen."""

import hashlib

from django import forms
from django.core.exceptions import ValidationError

SEEN = "_seen"
CHANGED_MEANWHILE = (
    "Somebody changed this while you had it open, so nothing was saved. "
    "Open the page again, and make your change to what it says then."
)


class AsSeen(forms.BaseModelForm):  # type: ignore[type-arg]
    """A form that says which values it showed, and saves over no others."""

    def clean(self) -> dict[str, object] | None:
        if self.data.get(SEEN) != self._shown():
            raise ValidationError(CHANGED_MEANWHILE)
        return super().clean()

    @property
    def seen(self) -> str:
        """Where the page says it; what was typed is shown again with what it was typed over."""
        shown = self.data.get(SEEN) if self.is_bound else self._shown()
        return forms.HiddenInput().render(SEEN, shown)

    def _shown(self) -> str:
        values = {
            name: _text(field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in self.fields.items()
            if not field.disabled
        }
        return hashlib.sha256(repr(values).encode()).hexdigest()


def _text(value: object) -> str:
    """Many of something come in any order."""
    return str(sorted(map(str, value)) if isinstance(value, list) else value)

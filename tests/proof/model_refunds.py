"""What one refund's answer means for the others."""

from typing import TYPE_CHECKING

from tests.proof.model_booking import LEASE, PUT_OFF
from tests.proof.model_gateway import Work

if TYPE_CHECKING:
    from tests.proof.model import Model


class Refunds:
    """One that fails puts off the others, unless others succeed; the first that succeeds after
    some failed has those that wait tried at once."""

    work: bool | None = None

    def record(self, model: "Model", work: Work, done: bool) -> None:
        booking = model.bookings[work.booking]
        if not done:
            model.postpone(booking.id)
            self._failed(model, its_own_trouble=bool(self.work and work.number))
            return
        if booking.payment_status == "refund_due":
            booking.move(payment_status="refunded", due=None, failures=0)
        self._worked(model, is_back=self.work is False or work.number > 0)

    def _failed(self, model: "Model", its_own_trouble: bool) -> None:
        if its_own_trouble:
            return
        self.work = False
        for each in model.bookings.values():
            if each.payment_status == "refund_due" and each.is_due:
                each.move(due=PUT_OFF)

    def _worked(self, model: "Model", is_back: bool) -> None:
        self.work = True
        for each in model.bookings.values():
            due = each.due if each.payment_status == "refund_due" and each.due else 0
            if is_back and (due > LEASE or (due > 0 and each.failures)):
                each.move(due=0)

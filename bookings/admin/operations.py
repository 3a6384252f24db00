"""Operations on what a list shows: a page says what will happen and asks why, then the saga.

A kind of thing that staff operate on has a table of operations and says, in a subclass of
`OperatedPages`, what is special about it. The saga alone decides.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation, AdminSite
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import URLPattern

from bookings.admin.forms import ReasonForm
from bookings.admin.staff_action import StaffAction
from flights.admin.pages import ModelPages, require

if TYPE_CHECKING:
    from django.contrib.admin.options import Action


@dataclass(frozen=True)
class Operation[M: Model, Known]:
    """Something that staff do to a thing."""

    name: str
    label: str
    # Which roles have it: see the migrations.
    permission: str
    # A use case of the saga. Raises BookingError.
    run: Callable[..., M]
    # What will happen to the thing, by what is known of it now; "" where it will be refused.
    foretell: Callable[[M, Known], str]
    form: type[ReasonForm] = ReasonForm
    # Said of the things afterwards. Nothing is done that a worker has yet to do.
    said: str = "done for"
    # What more there is to say of one afterwards.
    tell: Callable[[M], str] | None = None

    def allowed(self, user: User | AnonymousUser) -> bool:
        """Whether somebody with this login may do it."""
        return user.has_perm(self.permission)


@dataclass(frozen=True)
class Row:
    """A thing on the confirmation."""

    address: str
    label: str
    identity: str
    cells: list[str]
    forecast: str


class OperatedPages[M: Model, Known](ModelPages[M]):
    """The pages of things that staff operate on: an operation is in the list's menu, and has a
    page that asks before it acts."""

    operations: Mapping[str, Operation[M, Known]]
    # Each is a transaction of its own, in one request.
    operate_at_once = 100
    # What the confirmation says of each thing, by its heading.
    confirmed_columns: Mapping[str, Callable[[M], str]] = {}

    def __init__(self, model: type[M], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.actions = [_in_list(operation) for operation in self.operations.values()]

    # --- What is special about a kind of thing -------------------------------------------------

    def operated(self) -> QuerySet[M]:
        """The things with what the hooks below read of them."""
        return self.model._default_manager.all()

    def known(self, things: Sequence[M]) -> list[Known]:
        """What the forecasts need to know of each, beside the thing itself."""
        raise NotImplementedError

    def arguments(self, thing: M, version: int) -> dict[str, object]:
        """What the use cases call the thing, and the version that was decided on."""
        raise NotImplementedError

    def identity(self, thing: M) -> str:
        """The thing on the confirmation: its id, with `:version` where the use cases ask for it."""
        return str(thing.pk)

    def label_of(self, thing: M) -> str:
        """What staff call it."""
        return str(thing)

    # --- What is the same for all --------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [self.page("act/<slug:name>/", "act", self.act), *super().get_urls()]

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> "dict[str, Action | None]":
        """What this member of staff may do."""
        return {
            name: action
            for name, action in super().get_actions(request, action_location).items()
            if name not in self.operations or self.operations[name].allowed(request.user)
        }

    def possible(self, request: HttpRequest, thing: M, known: Known) -> list[Operation[M, Known]]:
        """What this member of staff may do to the thing as it stands."""
        return [
            operation
            for operation in self.operations.values()
            if operation.allowed(request.user) and operation.foretell(thing, known)
        ]

    def ask(
        self, request: HttpRequest, operation: Operation[M, Known], chosen: QuerySet[M]
    ) -> HttpResponse | None:
        """The confirmation for what was ticked in the list."""
        require(request, operation.permission)
        keys = list(chosen.values_list("pk", flat=True)[: self.operate_at_once + 1])
        if len(keys) > self.operate_at_once:
            most = f"{self.operate_at_once} {self.opts.verbose_name_plural}"
            messages.error(request, f"Please choose at most {most} at once. Nothing was done.")
            return None
        return self._confirmation(request, operation, self._found(keys))

    def act(self, request: HttpRequest, name: str) -> HttpResponse:
        """The view of one operation: asks on GET, acts on POST."""
        if name not in self.operations:
            raise Http404
        operation = self.operations[name]
        require(request, operation.permission)
        chosen = self._chosen(request)
        form = _form(operation, list(chosen), request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._confirmation(request, operation, list(chosen), form)
        action = StaffAction(self, request, operation.label, self.label_of, operation.said)
        for thing, version in chosen.items():
            run = partial(operation.run, **self.arguments(thing, version))
            action.run(thing, run, tell=operation.tell, **form.cleaned_data)
        action.report()
        return HttpResponseRedirect(self._back(list(chosen)))

    def _chosen(self, request: HttpRequest) -> dict[M, int]:
        """The things asked about, each with the version that was decided on.

        A link names things alone; the form it leads to says `id:version`.
        """
        named = (request.POST if request.method == "POST" else request.GET).getlist("ids")
        versions = dict(self._identified(text) for text in named[: self.operate_at_once])
        chosen = {thing: versions[thing.pk] for thing in self._found(versions)}
        if not chosen:
            raise Http404
        return chosen

    def _found(self, keys: Iterable[object]) -> list[M]:
        """Those things that there are, in this order."""
        found = self.operated().in_bulk(list(keys))
        return [found[key] for key in keys if key in found]

    def _identified(self, text: str) -> tuple[object, int]:
        key, _, version = text.partition(":")
        try:
            return self.opts.pk.to_python(key), int(version or 0)
        except (ValidationError, ValueError) as error:
            raise Http404 from error

    def _confirmation(
        self,
        request: HttpRequest,
        operation: Operation[M, Known],
        things: Sequence[M],
        form: ReasonForm | None = None,
    ) -> TemplateResponse:
        context = {
            "operation": operation,
            "action": self.url("act", operation.name),
            "form": form or _form(operation, things),
            "back": self._back(things),
            "columns": list(self.confirmed_columns),
            "rows": list(self._rows(operation, things)),
        }
        count = f"{len(things)} {self.opts.verbose_name}{pluralize(len(things))}"
        title = f"{operation.label}: {count}?"
        return self.render(request, "admin/confirm.html", title, context)

    def _rows(self, operation: Operation[M, Known], things: Sequence[M]) -> Iterable[Row]:
        for thing, known in zip(things, self.known(things), strict=True):
            yield Row(
                address=self.url("change", thing.pk),
                label=self.label_of(thing),
                identity=self.identity(thing),
                cells=[said(thing) for said in self.confirmed_columns.values()],
                forecast=operation.foretell(thing, known),
            )

    def _back(self, things: Sequence[M]) -> str:
        """Where to go on: the one thing's page, or the list."""
        return self.url("change", things[0].pk) if len(things) == 1 else self.url("changelist")


def _form[M: Model, Known](
    operation: Operation[M, Known], things: Sequence[M], data: QueryDict | None = None
) -> ReasonForm:
    form = operation.form(data)
    form.about(things)
    return form


type Ask[M: Model, Known] = Callable[
    [OperatedPages[M, Known], HttpRequest, QuerySet[M]], HttpResponse | None
]


def _in_list[M: Model, Known](operation: Operation[M, Known]) -> Ask[M, Known]:
    """The operation in the list's menu."""

    @admin.action(description=f"{operation.label}…")
    def ask(
        page: OperatedPages[M, Known], request: HttpRequest, chosen: QuerySet[M]
    ) -> HttpResponse | None:
        return page.ask(request, operation, chosen)

    ask.__name__ = operation.name
    return ask


def by_name[M: Model, Known](
    *operations: Operation[M, Known],
) -> dict[str, Operation[M, Known]]:
    """The table of a kind's operations."""
    return {operation.name: operation for operation in operations}

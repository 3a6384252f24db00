"""Every refusal of the API as `{error, message}`: never HTML, never a stack trace."""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field, create_model

from bookings.errors import TABLE, BookingError, NotJson, OtherSite, SeatTaken
from flights.search import InvalidSearch

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2
PREFIX = "/api/"

# What is not one of the bookings' own errors: HTTP status, the API's code, what to say.
UNAVAILABLE = (503, "UNAVAILABLE", "The booking system is away for a moment. Please try again.")
INTERNAL = (
    500,
    "INTERNAL_ERROR",
    "Something went wrong on our side. See how things stand, then try again.",
)
OTHERS = {
    status: (status, code, message)
    for status, code, message in (
        (400, "INVALID_REQUEST", "The request could not be understood."),
        (404, "NOT_FOUND", "There is nothing at this address; /api/docs names what there is."),
        (405, "METHOD_NOT_ALLOWED", "This address does not take this method; see `Allow`."),
        INTERNAL,
    )
}


# Of every operation that changes something: see cross_site.py.
OF_CHANGES = (OtherSite, NotJson)


# What pydantic finds wrong, by its own names, in words that know no Python.
MISTAKES = {
    "missing": "Field required",
    "string_type": "Input should be a text",
    "list_type": "Input should be a list",
    "greater_than_equal": "Input should be at least {ge}",
    "less_than_equal": "Input should be at most {le}",
    # One of our own, of bookings/api/fields.py.
    "value_error": "{error}",
}


class Refusal(BaseModel):
    """Why the request was refused."""

    error: str
    message: str = Field(description="In words that a customer can read")


def refusals(*errors: type[BookingError]) -> dict[int, type[BaseModel]]:
    """The refusals of an operation that raises these, for its declaration: shape by status."""
    codes: dict[int, dict[str, str]] = {}
    raised: list[type[BookingError]] = [BookingError, *errors]
    for error in raised:
        status, code = TABLE[error]
        codes.setdefault(status, {}).setdefault(code, str(error.__doc__))
    for status, code, message in (INTERNAL, UNAVAILABLE):
        codes[status] = {code: message}
    return {
        status: _refusal(of_status, seats="SEATS_UNAVAILABLE" in of_status)
        for status, of_status in codes.items()
    }


def _refusal(messages: dict[str, str], *, seats: bool) -> type[BaseModel]:
    name = "Or".join(code.title().replace("_", "") for code in messages)
    fields: dict[str, Any] = {"error": Literal[tuple(messages)]}
    if seats:
        fields["seats"] = (list[str], Field(default=[], description="Which seats are taken"))
    model: type[BaseModel] = create_model(name, __base__=Refusal, **fields)
    model.__doc__ = Refusal.__doc__
    model.model_config["json_schema_extra"] = {
        "examples": [{"error": code, "message": text} for code, text in messages.items()]
    }
    model.model_rebuild(force=True)
    return model


def handle_errors(api: NinjaAPI) -> None:
    """Tell the API what to answer to each kind of error."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        BookingError: refused,
        InvalidSearch: _invalid_search,
        ValidationError: _invalid_fields,
        HttpError: _not_json,
        UnreadablePostError: _not_read,
        RequestDataTooBig: _too_long,
        OperationalError: _database_away,
        InterfaceError: _database_away,
        Exception: _unexpected,
    }
    for error, handler in handlers.items():
        api.add_exception_handler(error, handler)


def answer(status: int, code: str, message: str, **more: Any) -> HttpResponse:
    """An error as the API writes it."""
    body = json.dumps({"error": code, "message": message, **more})
    return HttpResponse(body, status=status, content_type="application/json")


def refused(request: HttpRequest, error: BookingError) -> HttpResponse:
    """A refusal of the bookings' own."""
    seats = {"seats": error.seats} if isinstance(error, SeatTaken) else {}
    return answer(error.status, error.code, error.message, **seats)


def _invalid_search(request: HttpRequest, error: InvalidSearch) -> HttpResponse:
    return answer(*TABLE[BookingError], str(error))


def _invalid_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer(*TABLE[BookingError], " ".join(map(_in_words, error.errors[:5])))


def _in_words(mistake: dict[str, Any]) -> str:
    # ("query", "limit") or ("body", "order", "seats", 0): where, parameter, then the path to it.
    where, *path = mistake["loc"]
    field = ".".join(str(step) for step in (path[1:] if where == "body" else path))
    if not field:
        return "The request body must be a JSON object."
    words = MISTAKES.get(mistake["type"], "Input should be as /api/docs says")
    return f"{field}: {words.format(**mistake.get('ctx', {}))}."


def _not_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    match error.__cause__:
        case json.JSONDecodeError(lineno=line, colno=column):
            what = f"JSON, which it is not from line {line}, column {column} on"
        case UnicodeDecodeError(start=start):
            what = f"JSON in UTF-8, which byte {start + 1} is not"
        case RecursionError():
            what = "JSON, and not so deeply nested"
        case _:
            what = "JSON, with shorter numbers"
    return answer(*TABLE[BookingError], f"The request body must be {what}.")


def _too_long(request: HttpRequest, error: Exception) -> HttpResponse:
    most = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes"
    return answer(*TABLE[BookingError], f"The request body could not be read: at most {most}.")


def _not_read(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer(*TABLE[BookingError], "The request body could not be read to its end.")


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s: the database is away: %s", request.method, request.path, error)
    response = answer(*UNAVAILABLE)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(*INTERNAL)


def json_errors(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost: what Django itself refuses under /api is said in JSON too.

    That is an unknown address, a method or a host that is not allowed, and whatever goes wrong
    before or after the API's own handlers.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code >= 400 and request.path_info.startswith(PREFIX):
            _to_json(response)
        return response

    return middleware


def _to_json(response: HttpResponse) -> None:
    if response.get("Content-Type", "").startswith("application/json"):
        return
    status = HTTPStatus(response.status_code)
    _, code, message = OTHERS.get(status, (status, status.name, status.description))
    # In place, because Allow and the like must stay.
    response.content = json.dumps({"error": code, "message": message or status.phrase})
    response["Content-Type"] = "application/json"
    response["Content-Length"] = str(len(response.content))

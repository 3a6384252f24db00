"""Who carries the mail: Django's settings of a mailer out of one URL."""

from collections.abc import Mapping
from typing import Any

# A mail server that hangs holds a worker's thread no longer than this.
TIMEOUT_SECONDS = 10


def mailer(url: Mapping[str, Any]) -> dict[str, Any]:
    """MAILERS' entry for an EMAIL_URL as django-environ reads it.

    "smtp+tls://user:password@host:587", "filemail:////folder" or "consolemail://".
    """
    backend: str = url["EMAIL_BACKEND"]
    options: dict[str, Any] = {}
    if "smtp" in backend:
        options = {
            "host": url["EMAIL_HOST"],
            "port": url["EMAIL_PORT"] or 25,
            "username": url["EMAIL_HOST_USER"] or "",
            "password": url["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": url.get("EMAIL_USE_TLS", False),
            "use_ssl": url.get("EMAIL_USE_SSL", False),
            "timeout": TIMEOUT_SECONDS,
        }
    elif "filebased" in backend:
        options = {"file_path": url["EMAIL_FILE_PATH"]}
    return {"BACKEND": backend, "OPTIONS": options}

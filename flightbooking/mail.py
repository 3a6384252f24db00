"""How mail leaves: EMAIL_URL as settings of a mailer (what is sent: bookings/notifications)."""

from typing import Any

from environ import Env

# A mail server that hangs holds a worker's thread no longer than this.
TIMEOUT_SECONDS = 10


def mailer(url: str) -> dict[str, Any]:
    """MAILERS' entry for an EMAIL_URL. Raises ValueError where it names no server or folder.

    "smtp+tls://user:password@host:587", "filemail:////folder" or "consolemail://".
    """
    said = Env.email_url_config(url)
    backend: str = said["EMAIL_BACKEND"]
    options: dict[str, Any] = {}
    if "smtp" in backend:
        options = {
            "host": said["EMAIL_HOST"],
            "port": said["EMAIL_PORT"] or 25,
            "username": said["EMAIL_HOST_USER"] or "",
            "password": said["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": said.get("EMAIL_USE_TLS", False),
            "use_ssl": said.get("EMAIL_USE_SSL", False),
            "timeout": TIMEOUT_SECONDS,
        }
        if not options["host"]:
            raise ValueError(url)
    elif "filebased" in backend:
        options = {"file_path": said["EMAIL_FILE_PATH"]}
        if not options["file_path"].startswith("/"):
            raise ValueError(url)
    return {"BACKEND": backend, "OPTIONS": options}

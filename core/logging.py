"""Structured logs: one JSON object a line, with the request's id on every line.

Nothing logs a secret: callers pass ids and counts; what looks like a credential is cut out here.
"""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
_SECRET_NAMES: Final = re.compile(
    r"password|secret|token|authorization|cookie|card|cvc|api_?key", re.IGNORECASE
)
_SECRETS: Final = (
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+"), "<token>"),
    (re.compile(r"\b(?:sk|pk|rk|whsec)_[A-Za-z0-9_]{8,}"), "<key>"),
    (re.compile(r"\bmf_[\w-]{8,}"), "<token>"),
    (re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), "<number>"),
    (re.compile(r"\b[\w.+-]+@([\w-]+\.[\w.-]+)"), r"<someone>@\1"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://<login>@"),
)


def redacted(text: str) -> str:
    """The text without tokens, keys, card numbers, logins in URLs and names in e-mail addresses."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
            "request_id": request_id.get(),
        }
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                line[name] = "<secret>" if _SECRET_NAMES.search(name) else _plain(value)
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        return orjson.dumps(line).decode()


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, float, bool)) or value is None else redacted(str(value))


def configure(level: str) -> None:
    """Send every logger of the process to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True  # the middleware writes one better line
    for noisy in ("httpx", "httpcore", "httpx2", "httpcore2", "stripe", "asyncio"):
        logging.getLogger(noisy).setLevel("WARNING")

"""One line per fact, with the request's id, and without secrets.

structlog and the standard library's loggers end in one formatter: JSON for machines, columns for people
(`settings.LOG_FORMAT`). What looks like a credential or a card number is masked in every value of every line,
tracebacks included, wherever it came from (`reliability.md` 4, "Secrets").
"""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog
from django.conf import settings
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from config.kernel.context import request_id

MASK: Final = "[masked]"

# Names under which a value is a secret whatever it looks like.
_SECRET_NAMES: Final = re.compile(
    r"authorization|cookie|passw|secret|token|api_?key|ticket|card_?number|\bpan\b|\bcvc\b|signature",
    re.IGNORECASE,
)
# Our own credentials by their prefix, what follows a scheme of the Authorization header or a secret's name, and the
# user's part of a URL. The words are a cheap question before the dear one.
_WORDS: Final = ("polku_", "bearer", "basic", "://", "key", "secret", "passw", "token", "ticket")
_SECRETS: Final = re.compile(
    r"""polku_[a-z0-9]+_[A-Za-z0-9_-]{8,}
      | \b(?:Bearer|Basic|Token)\s+[A-Za-z0-9+/=_.~:-]{8,}
      | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)
      | (?P<name>(?:api[_-]?key|secret|password|passwd|token|ticket)["']?\s*[=:]\s*["']?)[^\s"'&,;})]{4,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Thirteen to nineteen digits, perhaps in groups; a UUID is one match, so that its groups are not taken for a card.
_MANY_DIGITS: Final = re.compile(r"\d(?:[ -]?\d){12}")
_CARDS: Final = re.compile(
    r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", re.IGNORECASE
)
# Which attributes of other libraries' records are shown: none of the objects that Django puts there.
_EXTRAS: Final = frozenset({"status_code", "job", "action"})


class _StandardError:
    """Where access lines go: the process's standard error of the moment, one write a line."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    info = msg


def configure(options: Mapping[str, str]) -> None:
    """Set up all logging: Django's `LOGGING_CONFIG`. `options` has `level` and `format` (`json` or `console`)."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
    ]
    as_json = options["format"] == "json"
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder(_EXTRAS)],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        mask_secrets,
                        _json_line if as_json else structlog.dev.ConsoleRenderer(colors=False),
                    ],
                }
            },
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["out"], "level": options["level"]},
            "loggers": {
                # Django's own handlers would write each line twice, or mail it.
                "django": {"handlers": [], "level": "INFO", "propagate": True},
                "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
                # A refused request is in the access log; here only what needs somebody's attention.
                "django.request": {"level": "ERROR"},
                # Two long lines per job that went well; one that failed is an error.
                "procrastinate": {"level": "WARNING"},
                "urllib3": {"level": "WARNING"},
            },
        }
    )


def access_log() -> FilteringBoundLogger:
    """The logger of requests: the same lines by a short way, because every request pays for it.

    It masks nothing: whoever writes text of a client's there puts it through `masked_text`.
    """
    options = settings.LOGGING
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        _json_line if options["format"] == "json" else structlog.dev.ConsoleRenderer(colors=False),
    ]
    logger: FilteringBoundLogger = structlog.wrap_logger(
        _StandardError(),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(options["level"])),
        cache_logger_on_first_use=True,
    )
    return logger.bind(logger="polku.access")


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if "request_id" not in event and (identity := request_id.get()):
        event["request_id"] = identity
    return event


def _json_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask what is secret by its name or its look, in every value however deep."""
    return {name: MASK if _names_a_secret(name) else _masked(value) for name, value in event.items()}


@lru_cache(maxsize=1000)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked_text(value)
        case bool() | float() | None:
            return value
        case int():
            return masked_text(str(value)) if value >= 10**12 else value
        case bytes():
            return masked_text(value.decode(errors="replace"))
        case dict():
            return {
                name: MASK if _names_a_secret(str(name)) else _masked(inner) for name, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_masked(inner) for inner in value]
    return masked_text(str(value))


def masked_text(text: str) -> str:
    """The text without credentials and card numbers; `password=…` keeps the name."""
    lowered = text.lower()
    if any(word in lowered for word in _WORDS):
        text = _SECRETS.sub(lambda found: (found["name"] or "") + MASK, text)
    if _MANY_DIGITS.search(text):
        text = _CARDS.sub(_mask_card, text)
    return text


def _mask_card(found: re.Match[str]) -> str:
    is_card = found["uuid"] is None and is_card_number(re.sub(r"\D", "", found[0]))
    return MASK if is_card else found[0]


def is_card_number(digits: str) -> bool:
    """Whether 13 to 19 digits end in the right check digit (ISO/IEC 7812-1, Luhn).

    Of 13 digits only Visa ever had any, which begin with 4; the others are EAN codes.
    """
    if not 13 <= len(digits) <= 19 or (len(digits) == 13 and digits[0] != "4"):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0

"""One log line per thing that happened: JSON for machines, coloured text for people.

Context such as `correlation_id` is bound with `structlog.contextvars` and appears on every line below it,
including the lines of libraries that use the standard `logging`.
"""

import logging.config
from typing import Any

import structlog

SHARED_PROCESSORS: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
)

# Requests are one line each already, written by django_structlog.
# A bell that rings is no news; what the mail did is logged by its handlers.
QUIET_LOGGERS = (
    "axes",
    "celery.app.trace",
    "celery.worker.strategy",
    "django.server",
    "granian.access",
    "httpcore",
    "httpx",
    "stripe",
)


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Return the `LOGGING` dict; `log_format` is `json` or `console`, `level` a name such as `INFO`."""
    if log_format == "json":
        renderers: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        # Not the renderer that shows local variables: those hold passwords and addresses.
        renderers = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderers,
                ],
                "foreign_pre_chain": list(SHARED_PROCESSORS),
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in QUIET_LOGGERS}
        | {"django": {"handlers": [], "level": level, "propagate": True}},
    }


def configure_structlog() -> None:
    """Send structlog's own loggers through the standard library, so that one handler sees every line."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configure_logging(log_format: str, level: str) -> None:
    """Configure both for a process that Django does not configure itself."""
    configure_structlog()
    logging.config.dictConfig(logging_config(log_format, level))

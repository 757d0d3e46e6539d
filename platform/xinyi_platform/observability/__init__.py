"""What an operator of the platform sees: JSON logs with a request id, metrics, health. Never personal data."""

from __future__ import annotations

from xinyi_platform.observability.logs import configure_logging
from xinyi_platform.observability.requests import RequestLog, middleware

__all__ = ["RequestLog", "configure_logging", "middleware"]

"""Protection of forms against requests that another site makes in the reader's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.config.csrf import CSRFConfig

if TYPE_CHECKING:
    from xinyi_platform.runtime import Runtime

COOKIE = "xinyi_csrf"
HEADER = "X-CSRFToken"

# Callers with a bearer token carry no cookie that a foreign page could abuse; the merchant page behind a sticker
# sets no cookie, so that it can be cached for everybody.
EXCLUDED = [
    "^/api/",
    "^/partner/",
    "^/schema",
    "^/health",
    "^/metrics",
    "^/static",
    "^/favicon",
    "^/manifest",
    "^/\\.well-known/",
    "^/m/[^/]+$",
]


def csrf_config(runtime: Runtime) -> CSRFConfig:
    """Return the settings of the double-submit token, signed with the instance's session key."""
    return CSRFConfig(
        secret=runtime.keys.mac("session", b"csrf").hex(),
        cookie_name=COOKIE,
        header_name=HEADER,
        cookie_secure=runtime.settings.is_production,
        cookie_httponly=True,
        cookie_samesite="lax",
        exclude=EXCLUDED,
    )

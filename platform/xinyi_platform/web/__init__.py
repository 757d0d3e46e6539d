"""The web shell: layouts, navigation, slots, headers and form protection that every surface shares."""

from __future__ import annotations

from xinyi_platform.web.forms import Form, typed_instant, typed_number
from xinyi_platform.web.headers import add_headers, middleware
from xinyi_platform.web.navigation import count_entries
from xinyi_platform.web.protection import csrf_config
from xinyi_platform.web.rendering import fill_slots, page, template_config

__all__ = [
    "Form",
    "add_headers",
    "count_entries",
    "csrf_config",
    "fill_slots",
    "middleware",
    "page",
    "template_config",
    "typed_instant",
    "typed_number",
]

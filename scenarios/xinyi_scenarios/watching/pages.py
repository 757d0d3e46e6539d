"""What an entitlement's page says of a warning."""

from __future__ import annotations

from typing import Any

from litestar import Request

from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.watching.models import EntitlementWarning
from xinyi_scenarios.watching.wording import lines_of


async def warning_card(_: Request[Any, Any, Any], about: dict[str, Any]) -> dict[str, Any] | None:
    """The live warning of what can still be used, or the reasons for which it is suspended."""
    held = about["held"]
    warning = await EntitlementWarning.get_or_none(entitlement_id=held.id, slot="live")
    if warning is None or held.state not in (*USABLE, "suspended"):
        return None
    return {"warning": warning, "lines": lines_of(warning.reasons), "is_suspended": held.state == "suspended"}

"""Which partner is the office of a scene: its scopes name the scenes, `scene:permit`, beside what it may do there."""

from __future__ import annotations

from xinyi_platform.principals import Partner

_PREFIX = "scene:"


def scene_scope(slug: str) -> str:
    """Return the scope by which a partner is the office of a scene."""
    return f"{_PREFIX}{slug}"


def scenes_of(partner: Partner) -> list[str]:
    """Return the scenes whose office a partner is."""
    return sorted(scope.removeprefix(_PREFIX) for scope in partner.scopes if scope.startswith(_PREFIX))

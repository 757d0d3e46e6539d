"""What can go wrong with an area's own policy."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class PolicyWidens(Unprocessable):
    """The value would allow what the area above does not. Values: `above` (what holds there), `zh`, `en` (where)."""

    code = "policy_widens"
    text = Text(
        "{zh}的规定是{above};下级只能从严,不能放宽。",
        "{en} has {above}; a part of it may be stricter, never wider.",
    )


class OwnPolicy(Forbidden):
    """Nobody decides what she proposed herself, whichever of her accounts she uses."""

    code = "own_policy"
    text = Text("不能复核本人提出的规定。", "You cannot decide what you proposed yourself.")


class PolicyWaiting(Conflict):
    """A value for the same thing waits for its decision."""

    code = "policy_waiting"
    text = Text("同一规定已有待复核的调整。", "Another value for this waits for its decision.")


class PolicyDecided(Conflict):
    """Somebody was quicker."""

    code = "policy_decided"
    text = Text("该调整已处理。", "This was settled already.")

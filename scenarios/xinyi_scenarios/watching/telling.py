"""Tell residents of what others did with what they hold: a claim that was settled or refused later, a use undone."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions import SceneDecision
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.watching.wording import lines_of, name_of, unmet_reasons

SETTLED = NoticeKind("claim.settled")
REFUSED = NoticeKind("claim.refused", about_loss=True)
REVERSED = NoticeKind("redemption.reversed")


async def tell_settled(runtime: Runtime, held: Entitlement, *, at: datetime) -> None:
    """A held place has become a benefit. Joins the caller's transaction."""
    name = name_of(runtime, held.scenario)
    title = Text(f"“{name.zh}”已为您办好,可以使用", f"“{name.en}” is yours to use now")
    body = Text("信用平台已确认,名额转为权益。", "The credit bureau has confirmed; the place held is now your benefit.")
    link = f"/app/entitlements/{held.id}"
    await _tell(held, SETTLED, title, body, link, at)


async def tell_refused(runtime: Runtime, held: Entitlement, decided: SceneDecision, *, at: datetime) -> None:
    """A held place was given back because a condition is not met, or the consent is gone."""
    name = name_of(runtime, held.scenario)
    title = Text(f"“{name.zh}”未能办理", f"“{name.en}” could not be given")
    body = lines_of(unmet_reasons(decided.findings))
    if decided.needs_consent:
        body = Text(
            "原因:授权已撤回或到期。\n怎么办:同意查询后可重新领取。",
            "Why: the consent is withdrawn or over.\nWhat helps: consent to the read, and claim again.",
        )
    await _tell(held, REFUSED, title, body, f"/app/scenes/{held.scenario}", at)


async def tell_reversed(runtime: Runtime, held: Entitlement, about: str, *, at: datetime) -> None:
    """A use was undone at the shop; what still stands can be used again. `about` tells uses of one apart."""
    name = name_of(runtime, held.scenario)
    title = Text(f"“{name.zh}”的一次核销已冲正", f"A use of your “{name.en}” was undone")
    body = Text("商户撤销了这次核销,有效期内可再次使用。", "The shop undid it; while it is valid you can use it again.")
    if held.state not in USABLE:
        body = Text(
            "商户撤销了这次核销。这项权益的依据已结束,不能再使用。",
            "The shop undid it. What it rested on has ended meanwhile, so it cannot be used any more.",
        )
    await _tell(held, REVERSED, title, body, f"/app/entitlements/{held.id}", at, about=about)


async def _tell(
    held: Entitlement, kind: NoticeKind, title: Text, body: Text, link: str, at: datetime, *, about: str = ""
) -> None:
    await notify(
        News(
            resident_id=held.resident_id,
            kind=kind,
            dedupe=f"{kind.code}:{about or held.id}",
            title=title,
            body=body,
            link=link,
        ),
        at=at,
    )

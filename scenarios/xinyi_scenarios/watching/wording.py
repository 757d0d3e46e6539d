"""What residents are told about what they hold: each text in both languages, with the reason and what helps.

Titles stand on locked phones; what speaks of somebody's credit stands in the body only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind
from xinyi_platform.runtime import Runtime
from xinyi_platform.web.formatting import local_date, local_time
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.requirements import Finding, Outcome

WARNING = NoticeKind("entitlement.warning", about_loss=True)
LIFTED = NoticeKind("entitlement.warning_lifted")
SUSPENDED = NoticeKind("entitlement.suspended", about_loss=True)
ENDED = NoticeKind("entitlement.ended", about_loss=True)
RESUMED = NoticeKind("entitlement.resumed")

Reasons = list[dict[str, str]]


def name_of(runtime: Runtime, slug: str) -> Text:
    """Return a scene's name, also of one that is no longer run."""
    scene = runtime.part(Catalogue).scenes.get(slug)
    return scene.name.text if scene else Text("信易+权益", "Xinyi+ benefit")


def unmet_reasons(findings: Iterable[Finding]) -> Reasons:
    """Return each unmet condition's reason and what would change it; of a group, those of its parts."""
    reasons: Reasons = []
    for finding in findings:
        if finding.outcome is not Outcome.NOT_MET:
            continue
        if finding.parts and finding.type != "not":
            reasons += unmet_reasons(finding.parts)
            continue
        change = finding.would_change or Text("", "")
        reasons.append(
            {"zh": finding.reason.zh, "en": finding.reason.en, "change_zh": change.zh, "change_en": change.en}
        )
    return reasons


def lines_of(reasons: Reasons) -> Text:
    """Return reasons and what helps, a line each."""
    zh = [f"原因:{row['zh']}" + (f"\n怎么办:{row['change_zh']}" if row["change_zh"] else "") for row in reasons]
    en = [f"Why: {row['en']}" + (f"\nWhat helps: {row['change_en']}" if row["change_en"] else "") for row in reasons]
    return Text("\n".join(zh), "\n".join(en))


def _news(held: Entitlement, kind: NoticeKind, about: UUID, title: Text, *body: Text) -> News:
    return News(
        resident_id=held.resident_id,
        kind=kind,
        dedupe=f"{kind.code}:{about}",
        title=title,
        body=Text("\n".join(text.zh for text in body), "\n".join(text.en for text in body)),
        link=f"/app/entitlements/{held.id}",
    )


def warning_news(held: Entitlement, name: Text, about: UUID, does: str, acts_on: date, reasons: Reasons) -> News:
    """Say that it will be suspended or ended, when, why, and what helps."""
    day = {"zh": local_date(acts_on), "en": local_date(acts_on, "en")}
    verb = Text("暂停使用", "suspended") if does == "suspend" else Text("结束", "ended")
    return _news(
        held,
        WARNING,
        about,
        Text(f"您的“{name.zh}”将于{day['zh']}{verb.zh}", f"Your “{name.en}” will be {verb.en} on {day['en']}"),
        lines_of(reasons),
        Text(
            f"{day['zh']}之前可照常使用。届时若条件恢复,权益不受影响;对判定有疑问,可在应用内查看依据或联系信用办。",
            f"Until {day['en']} you can use it as before. If the condition is met again by then, nothing changes. "
            "If you doubt the decision, look at its grounds in the app or ask the credit office.",
        ),
    )


def lifted_news(held: Entitlement, name: Text, about: UUID) -> News:
    """Say that nothing will happen after all."""
    title = Text(f"您的“{name.zh}”不受影响,可继续使用", f"Your “{name.en}” stays as it is")
    body = Text("条件已恢复,先前的提醒作废。", "The condition is met again; the earlier warning no longer holds.")
    return _news(held, LIFTED, about, title, body)


def loss_news(held: Entitlement, name: Text, about: UUID, does: str, reasons: Reasons) -> News:
    """Say that it is suspended or ended, why, and what helps."""
    if does == "suspend":
        title = Text(f"您的“{name.zh}”已暂停使用", f"Your “{name.en}” is suspended")
        body = Text(
            "条件恢复后会自动恢复使用,进行中的订单不受影响。",
            "It comes back by itself once the condition is met again; orders under way are not touched.",
        )
        return _news(held, SUSPENDED, about, title, lines_of(reasons), body)
    title = Text(f"您的“{name.zh}”已结束", f"Your “{name.en}” has ended")
    body = Text("条件恢复后可重新领取。", "Once the condition is met again you can claim it anew.")
    return _news(held, ENDED, about, title, lines_of(reasons), body)


def resumed_news(held: Entitlement, name: Text, about: UUID) -> News:
    """Say that it can be used again."""
    title = Text(f"您的“{name.zh}”已恢复使用", f"Your “{name.en}” can be used again")
    body = Text(
        f"条件已恢复。有效期至{local_time(held.valid_until)}。",
        f"The condition is met again. Valid until {local_time(held.valid_until)}.",
    )
    return _news(held, RESUMED, about, title, body)

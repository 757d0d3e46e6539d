"""News for tests, and reading what a resident was told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from support.sms import SECRET, SmsGatewaySimulator

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import Runtime

LOSS, OTHER = NoticeKind("test.loss", about_loss=True), NoticeKind("test.news")


def news_for(resident_id: UUID, name: str = "1", *, kind: NoticeKind = LOSS, link: str = "/app/credit") -> News:
    """A piece of news; `name` tells pieces apart."""
    return News(
        resident_id=resident_id,
        kind=kind,
        dedupe=name,
        title=Text(f"消息{name}", f"News {name}"),
        body=Text("原因与办法。", "Why, and what helps."),
        link=link,
    )


def with_gateway(runtime: Runtime, gateway: SmsGatewaySimulator, folder: Path) -> None:
    """Let the instance send by the gateway, with the secret that both know."""
    secret = folder / "sms.secret"
    secret.write_text(SECRET)
    runtime.settings = replace(runtime.settings, sms_gateway_url=gateway.url, sms_secret_file=str(secret))


async def kinds_told(resident_id: UUID) -> list[str]:
    """The kinds of what a resident was told, in order."""
    return [row.kind for row in await Notice.filter(resident_id=resident_id).order_by("created_at", "id")]

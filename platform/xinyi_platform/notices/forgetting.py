"""Delete notices that were read long ago; what is unread stays until it is read."""

from __future__ import annotations

from datetime import timedelta

from tortoise.expressions import Subquery

from xinyi_platform.database import transaction
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.runtime import Runtime

_AT_ONCE = 500


async def forget_notices(runtime: Runtime) -> int:
    """Delete what was read more than `notice_days` ago, with its deliveries. Returns how many; 0 days keep all.

    A notice that is still on its way to a phone stays. Safe to run twice at once.
    """
    if runtime.settings.notice_days <= 0:
        return 0
    before, forgotten = runtime.clock.now() - timedelta(days=runtime.settings.notice_days), 0
    while True:
        async with transaction():
            going = Subquery(NoticeDelivery.filter(state="due").values("notice_id"))
            old = Notice.filter(read_at__lt=before, id__not_in=going).order_by("read_at", "id").limit(_AT_ONCE)
            ids = [row.id for row in await old.only("id", "read_at")]
            await NoticeDelivery.filter(notice_id__in=ids).delete()
            forgotten += await Notice.filter(id__in=ids).delete()
        if len(ids) < _AT_ONCE:
            return forgotten

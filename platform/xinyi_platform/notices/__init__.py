"""Notices: residents are told what concerns them, in the app and where they want it on the phone, once each."""

from __future__ import annotations

from xinyi_platform.notices.reading import all_notices
from xinyi_platform.notices.reminding import Reminder, remind
from xinyi_platform.notices.telling import News, NoticeKind, notify, notify_many

__all__ = ["News", "NoticeKind", "Reminder", "all_notices", "notify", "notify_many", "remind"]

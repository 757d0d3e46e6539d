"""What can be wrong with an upload."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict
from xinyi_platform.language import Text


class UploadChanged(ChangedMeanwhile):
    code = "list_upload_changed"
    text = Text("该上传的状态已变化,请刷新。", "This upload has moved on; look again.")


class NothingGood(Conflict):
    code = "list_upload_nothing_good"
    text = Text("没有可以保存的行。", "There is no row that could be kept.")

"""What can go wrong with a shop's sign-up."""

from __future__ import annotations

from xinyi_platform.errors import Conflict
from xinyi_platform.language import Text


class RegisteredAlready(Conflict):
    """The credit code is in the registry."""

    code = "merchant_registered_already"
    text = Text(
        "该统一社会信用代码已登记。请向店主索取邀请;没有人能登录时,请联系所在社区。",
        "This credit code is registered. Ask its owner for an invitation; if nobody can sign in, ask the community.",
    )


class AppliedAlready(Conflict):
    """An earlier application for the code waits."""

    code = "merchant_applied_already"
    text = Text(
        "该统一社会信用代码已有入驻申请等待社区处理,无需重复提交。请用当时给您的链接查看进度。",
        "An application for this credit code waits for the community. Follow it by the link that you were given.",
    )


class ApplicationDecided(Conflict):
    """Somebody else decided in the meantime."""

    code = "merchant_application_decided"
    text = Text("该申请已处理,请刷新。", "This application was decided already; reload the page.")

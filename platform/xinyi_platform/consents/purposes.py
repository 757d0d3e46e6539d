"""What may be consented to: purpose, data, receiver, time and legal basis, each text with its version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose. A changed text is a new version, which asks anew."""

    code: str
    version: int
    title: Text
    text: Text
    data: Text
    receiver: Text
    basis: str
    days: int

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what the person read, to be kept with her consent."""
        parts = (self.code, str(self.version), self.title, self.text, self.data, self.receiver, self.basis)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


SCENES = "credit_status.scenes"

PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose(
            code=SCENES,
            version=1,
            title=Text("查询信用状况以判定信易+场景资格", "Read my credit standing to decide 信易+ scenes"),
            text=Text(
                "平台向市公共信用信息平台查询您的信用状况(是否良好、是否在期失信),仅用于判定信易+场景资格并说明理由。"
                "商户和接入机构只会得知“可以”或“不可以”。不同意不影响使用其他服务,可随时一键撤回。",
                "The platform asks the city's credit bureau for your standing (good or not, listed or not), only to "
                "decide scenes and explain why. Merchants and partners learn yes or no. Refusing affects nothing "
                "else; you can withdraw at any time with one tap.",
            ),
            data=Text(
                "信用状况(四档之一)、是否列入严重失信主体名单",
                "Standing (one of four) and whether listed as seriously dishonest",
            ),
            receiver=Text("本平台(信易+)", "This platform (Xinyi+)"),
            basis="个人信息保护法 第十三条第一项、第二十九条",
            days=365,
        ),
        Purpose(
            code="outcome.bureau",
            version=1,
            title=Text("向信用平台反馈履约结果", "Report how I kept an order to the bureau"),
            text=Text(
                "免押订单按时完成或逾期的结果将反馈给市公共信用信息平台。不同意不影响使用。",
                "Whether a deposit-free order was kept or overdue is reported to the city's bureau. "
                "Refusing affects nothing.",
            ),
            data=Text("订单是否按时完成", "Whether the order was completed in time"),
            receiver=Text("市公共信用信息平台", "The city's credit bureau"),
            basis="个人信息保护法 第二十三条",
            days=365,
        ),
    )
}


def purpose_of(code: str) -> Purpose:
    """Return one purpose. Raises NotFound (404)."""
    purpose = PURPOSES.get(code)
    if purpose is None:
        raise NotFound
    return purpose

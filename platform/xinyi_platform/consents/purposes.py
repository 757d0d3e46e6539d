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
        Purpose(
            code="referral.bank",
            version=1,
            title=Text("向我选择的银行提供一次“是/否”答复", "Give the bank that I choose one yes or no"),
            text=Text(
                "平台仅向您选定的银行答复您是否符合“信易贷”推荐条件(是或否),使用只对该银行有效的化名,不提供分数、证件号码和信用记录。"
                "是否授信由银行决定。不同意不影响其他服务,撤回后平台会通知银行停止使用。",
                "The platform tells only the bank that you choose whether you meet the conditions of its "
                "referral, yes or "
                "no, under a pseudonym that only this bank knows; no score, no identity number, no records. The bank "
                "decides on credit. Refusing affects nothing else; when you withdraw, the bank is told to stop "
                "using it.",
            ),
            data=Text("是否符合推荐条件(是或否)", "Whether the conditions of the referral are met, yes or no"),
            receiver=Text("您选定的银行", "The bank that you choose"),
            basis="个人信息保护法 第二十三条、第二十九条",
            days=180,
        ),
        Purpose(
            code="referral.insurer",
            version=1,
            title=Text("向我选择的保险公司提供一次“是/否”答复", "Give the insurer that I choose one yes or no"),
            text=Text(
                "平台仅向您选定的保险公司答复您是否符合“信易保”推荐条件(是或否),使用只对该公司有效的化名,不提供分数、证件号码和信用记录。"
                "是否承保由保险公司决定。不同意不影响其他服务,撤回后平台会通知其停止使用。",
                "The platform tells only the insurer that you choose whether you meet the conditions of its "
                "referral, yes "
                "or no, under a pseudonym that only this insurer knows; no score, no identity number, no records. The "
                "insurer decides on cover. Refusing affects nothing else; when you withdraw, it is told to stop "
                "using it.",
            ),
            data=Text("是否符合推荐条件(是或否)", "Whether the conditions of the referral are met, yes or no"),
            receiver=Text("您选定的保险公司", "The insurer that you choose"),
            basis="个人信息保护法 第二十三条、第二十九条",
            days=180,
        ),
        Purpose(
            code="medical.pay_later",
            version=1,
            title=Text("先诊疗后付费:向就诊医院确认资格", "Treat first, pay later: confirm to the hospital"),
            text=Text(
                "平台仅向您就诊的医院确认您可以先诊疗后付费(是或否),不提供信用记录;平台不获取您的诊疗信息。不同意不影响正常就诊。",
                "The platform only confirms to the hospital where you are treated that you may pay later, yes "
                "or no; no "
                "records are given, and the platform learns nothing of your treatment. Refusing does not affect "
                "treatment.",
            ),
            data=Text("是否可先诊疗后付费(是或否)", "Whether you may pay later, yes or no"),
            receiver=Text("您就诊的医院", "The hospital where you are treated"),
            basis="个人信息保护法 第二十三条、第二十九条",
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

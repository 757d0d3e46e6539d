"""The words beside a form's fields; a field that is not listed is called by its own name."""

from __future__ import annotations

from xinyi_platform.language import Text

_LABELS: dict[str, Text] = {
    "opens_on": Text("开始日期", "Opens on"),
    "closes_on": Text("结束日期", "Closes on"),
    "name": Text("名称", "Name"),
    "summary": Text("简介", "Summary"),
    "shown": Text("卡片短语", "Phrase on the card"),
    "terms": Text("使用条款", "Terms"),
    "provider": Text("提供单位", "Provider"),
    "zh": Text("中文", "Chinese"),
    "en": Text("英文", "English"),
    "quota": Text("名额", "Quota"),
    "budget": Text("资金预算", "Budget"),
    "total": Text("总量", "Total"),
    "total_fen": Text("总额(分)", "Total in fen"),
    "period": Text("周期", "Period"),
    "per_resident": Text("每人每期次数", "Claims a resident and period"),
    "limits": Text("细分上限", "Narrower limits"),
    "per": Text("按", "Per"),
    "shares": Text("各区份额(每行:代码=数量)", "Shares of districts (a line each: code=number)"),
    "opening": Text("开放时间", "Opening times"),
    "weekdays": Text("星期(1为星期一,每行一个)", "Weekdays (1 is Monday, one a line)"),
    "opens": Text("开始时刻", "From"),
    "closes": Text("结束时刻", "To"),
    "bureau": Text("信用查询", "Credit read"),
    "purpose": Text("查询目的", "Purpose"),
    "basis": Text("法律依据", "Legal basis"),
    "data": Text("查询内容", "What is read"),
    "fresh_hours": Text("有效小时", "Fresh for hours"),
    "on_change": Text("不再符合时", "When no longer met"),
    "do": Text("处理", "What happens"),
    "grace_days": Text("宽限天数", "Days of grace"),
    "host": Text("平台要求", "Host"),
    "versions": Text("平台版本", "Host versions"),
    "reads": Text("读取的事实(每行一个)", "Facts read (one a line)"),
    "gives": Text("权益内容", "What it gives"),
    "flow": Text("流程", "Flow"),
    "requires": Text("领取条件", "Requirements for the claim"),
    "requires_at_use": Text("使用条件", "Requirements at use"),
    "type": Text("类型", "Type"),
    "validity_days": Text("有效天数", "Valid for days"),
    "percent_off": Text("优惠百分比", "Percent off"),
    "value_fen": Text("金额(分)", "Value in fen"),
    "cap_fen": Text("最高优惠(分)", "At most, in fen"),
    "trades": Text("适用行业(每行一个)", "Trades (one a line)"),
    "districts": Text("适用区划(每行一个代码)", "Districts (a code a line)"),
    "honest_only": Text("仅限诚信商户", "Honest merchants only"),
    "sign_up": Text("商户须报名", "Merchants sign up"),
    "partners_only": Text("仅由服务方核销", "Used by the provider's system only"),
    "deposit_cap_fen": Text("免押上限(分)", "Deposit waived up to, in fen"),
    "max_open_orders": Text("同时进行订单数", "Open orders at a time"),
    "free_minutes": Text("免费分钟", "Free minutes"),
    "needs_confirmation": Text("须居民确认", "The resident confirms"),
    "counters": Text("窗口", "Counters"),
    "key": Text("标识", "Key"),
    "a_day": Text("每日号数", "Numbers a day"),
    "passes": Text("次数", "Passes"),
    "book_days_ahead": Text("可提前预约天数", "Days ahead"),
    "pay_within_days": Text("可延后付费天数", "Pay within days"),
    "pay_cap_fen": Text("延后付费上限(分)", "Paid later up to, in fen"),
    "slots": Text("时段", "Slots"),
    "begins": Text("开始时刻", "From"),
    "ends": Text("结束时刻", "To"),
    "places": Text("名额", "Places"),
    "gates": Text("入口", "Gates"),
    "days": Text("日期(每行一个,如2026-12-05)", "Days (one a line, like 2026-12-05)"),
    "booths": Text("摊位", "Booths"),
    "prizes": Text("奖品", "Prizes"),
    "stamps": Text("所需印章", "Stamps needed"),
    "stock": Text("每日数量", "Stock a day"),
    "text": Text("承诺书", "What is promised"),
    "papers": Text("后补材料", "Papers"),
    "due_days": Text("完成期限(天)", "Due within days"),
    "remind_days": Text("提前提醒天数(每行一个)", "Reminders, days before (one a line)"),
    "repair_days": Text("补正期(天)", "Days to make good"),
    "receivers": Text("接收方类型", "Receivers"),
    "consent": Text("单独同意", "Consent"),
    "answer_days": Text("结果有效天数", "Answer valid for days"),
    "allowed": Text("允许的信用状况", "Standings allowed"),
    "at_least": Text("至少", "At least"),
    "at_most": Text("至多", "At most"),
    "within": Text("居住区划(每行一个代码)", "Lives in (a code a line)"),
    "colour": Text("名单", "List"),
    "of": Text("其中条件", "Inside"),
    "credit_status": Text("信用状况", "Credit status"),
    "age": Text("年龄", "Age"),
    "residence": Text("居住地", "Residence"),
    "overdue_orders": Text("逾期订单", "Overdue orders"),
    "on_list": Text("在名单上", "On a list"),
    "not_on_list": Text("不在名单上", "On no list"),
    "any_of": Text("满足任一", "Any of"),
    "all_of": Text("同时满足", "All of"),
    "not": Text("不得", "Not"),
}
_CHOICES: dict[str, Text] = {
    "day": Text("每日", "a day"),
    "month": Text("每月", "a month"),
    "year": Text("每年", "a year"),
    "ever": Text("不限期", "for ever"),
    "scene": Text("全场景", "the scene"),
    "district": Text("各区", "district"),
    "merchant": Text("各商户", "merchant"),
    "keep": Text("保留", "keep"),
    "suspend": Text("暂停", "suspend"),
    "end": Text("终止", "end"),
    "standing": Text("信用状况", "standing"),
    "black_list": Text("黑名单", "black list"),
    "good": Text("良好", "good"),
    "minor": Text("轻微失信", "minor"),
    "general": Text("一般失信", "general"),
    "serious": Text("严重失信", "serious"),
    "red": Text("红名单", "red"),
    "black": Text("黑名单", "black"),
}


def label_of(name: str) -> Text:
    """Return a field's, part's or requirement type's words."""
    return _LABELS.get(name, Text(name, name))


def choice_label(value: object) -> Text:
    """Return a choice's words."""
    return _CHOICES.get(str(value), Text(str(value), str(value)))


def path_label(path: str) -> Text:
    """Return the words of a dotted name: the parts' words, rows counted from 1."""
    zh, en = [], []
    for step in path.split("."):
        text = Text(f"第{int(step) + 1}项", f"row {int(step) + 1}") if step.isdigit() else label_of(step)
        zh.append(text.zh)
        en.append(text.en)
    return Text(" · ".join(zh), " · ".join(en))

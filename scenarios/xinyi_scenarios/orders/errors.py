"""What can be wrong with a service order."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class OrderNumberTaken(Conflict):
    """The partner has used this number for another order."""

    code = "order_number_taken"
    text = Text("该商户订单号已用于另一笔订单。", "This order number belongs to another order.")


class TooManyOpenOrders(Conflict):
    """Values: `most`."""

    code = "too_many_open_orders"
    text = Text("未完成的免押订单已达上限({most}笔)。", "There are already {most} open orders.")


class DepositAboveCap(Unprocessable):
    """Values: `cap_fen`."""

    code = "deposit_above_cap"
    text = Text(
        "押金超过该场景可免额度({cap_fen}分)。",
        "The deposit is above what this scene waives ({cap_fen} fen).",
    )


class AmountMayOnlyFall(Unprocessable):
    """Values: `amount_fen`, what is due now."""

    code = "amount_may_only_fall"
    text = Text("金额只能下调(当前{amount_fen}分)。", "The amount may only be lowered (now {amount_fen} fen).")


class NoWaiver(Unprocessable):
    """The code belongs to a scene without deposit-free orders."""

    code = "no_waiver"
    text = Text("该权益不是免押类权益。", "This entitlement is not for deposit-free orders.")


class AlreadyPaid(Conflict):
    code = "order_already_paid"
    text = Text("该订单已支付。", "This order has been paid.")


class OrderChanged(Conflict):
    code = "order_changed"
    text = Text("订单刚刚发生变化,请重新查询。", "The order changed just now; query it again.")


class NotConfirmed(Conflict):
    """The resident has not confirmed the order yet."""

    code = "order_not_confirmed"
    text = Text("居民尚未确认该订单。", "The resident has not confirmed this order yet.")


class NothingToConfirm(Conflict):
    """The order needs no confirmation, or has it already."""

    code = "nothing_to_confirm"
    text = Text("该订单无需确认或已确认。", "This order needs no confirmation, or has it.")


class PaidAtImpossible(Unprocessable):
    """An order is paid after it was created, and not in the future."""

    code = "paid_at_impossible"
    text = Text(
        "付款时间须在订单建立之后,且不晚于现在。", "It is paid after the order was created, and not in the future."
    )

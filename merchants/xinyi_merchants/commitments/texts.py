"""What a shop commits itself to, as dated data: a change is a new version, and who signed keeps the one she signed.

The form is a public credit commitment of one's own will (国办发〔2020〕49号 asks that such commitments are public and
counted in the record). The clauses are this city's own policy, to be confirmed by its lawyer.
"""

from __future__ import annotations

from xinyi_platform.language import Text

LATEST = "2026-1"
TEXTS: dict[str, tuple[Text, ...]] = {
    "2026-1": (
        Text(
            "明码标价,不虚假宣传,不强制消费。",
            "Prices are shown; nothing is claimed that is not so; nobody is pressed.",
        ),
        Text("商品和服务符合标准,不以次充好。", "Goods and services are as the standards ask."),
        Text("按承诺退换,按时答复每一件投诉。", "Returns as promised; every complaint is answered in time."),
        Text("保护消费者个人信息,不收集无关信息。", "Consumers' data is kept safe; none is taken without need."),
        Text("如有违背,自愿接受公示和依法处理。", "Should we break this, it may be published and dealt with by law."),
    ),
}

"""Why an entry ended, in words its subject reads: the reasons that jobs give, and what staff wrote as it is."""

from __future__ import annotations

from xinyi_platform.language import Text

VALIDITY_OVER = "validity over"
DEATH = "death"
EXIT_ON_CAUSE = "on a black list"
"""The reason with which a place on a red list ends. Source: 发改财金规〔2017〕1798号 (exit on the first cause)."""
_WORDS = {
    VALIDITY_OVER: Text("有效期或公示期已满", "its term is over"),
    EXIT_ON_CAUSE: Text(
        "有在期失信记录,红名单列入随之结束", "a place on a red list ends while there is an entry on a black one"
    ),
    # Whoever reads this is one of the family, or somebody of whom it is not true.
    DEATH: Text(
        "根据民政登记信息结束;信息有误的,请联系市信用办",
        "it ended by what the civil register says; if that is wrong, tell the city's credit office",
    ),
}


def reason_of_end(reason: str) -> Text:
    """Return the reason of an end (`end_reason`) as it is told; what staff wrote, or a document's number, as it is."""
    return _WORDS.get(reason) or Text(reason, reason)

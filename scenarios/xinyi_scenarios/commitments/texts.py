"""The exact text that is signed: the scene's promise, the papers, the due date, and what happens otherwise."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from xinyi_platform.language import Language, Text
from xinyi_scenarios.commitments.deadlines import repair_day
from xinyi_scenarios.manifests.flows import Commitment

_ZH = """信用承诺书:{name}

{text}

以下材料先行容缺,以后补交:
{papers}

最迟补交日:{due}(当日24时前)。
逾期未补齐的,相应权益暂停;最迟{repair}补齐的,权益恢复,记为已修复。承诺和履行情况不报送信用平台。"""

_EN = """Commitment: {name}

{text}

These papers come later:
{papers}

Due by {due} (end of that day).
When it passes, the benefit is suspended; what is handed in by {repair} makes it good. Nothing of this is told to the \
credit bureau."""


@dataclass(frozen=True, slots=True)
class PromiseText:
    """A text to be signed, in one language, with its SHA-256 and the due date that it names."""

    language: Language
    text: str
    due_on: date

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def compose(terms: Commitment, name: Text, due_on: date, language: Language) -> PromiseText:
    """Return the text in one language."""
    papers = "\n".join(f"{n}. {paper.name.text.read(language)}" for n, paper in enumerate(terms.papers, 1))
    form = _EN if language == "en" else _ZH
    filled = form.format(
        name=name.read(language),
        text=terms.text.text.read(language),
        papers=papers,
        due=due_on.isoformat(),
        repair=repair_day(due_on, terms.repair_days).isoformat(),
    )
    return PromiseText(language, filled, due_on)

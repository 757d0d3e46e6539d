"""Charts drawn on the server as plain SVG; the theme colours them, so that no style or script is inline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pygal
from markupsafe import Markup

_NOT_ALLOWED_INLINE = re.compile(
    r'<(script|style)\b.*?</\1>|<(script|style)\b[^>]*/>|\s(?:style|xlink:\w+|xmlns:xlink)="[^"]*"|<!--.*?-->',
    re.S,
)
Number = int | float


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the numbers behind it, which `ui.chart` shows as a table."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[Number | None]]
    svg: Markup


def bar_chart(title: str, labels: Sequence[str], series: Mapping[str, Sequence[Number | None]]) -> Chart:
    """Draw bars side by side: one group for a label, one bar for a series."""
    return _draw(pygal.Bar, title, labels, series)


def line_chart(title: str, labels: Sequence[str], series: Mapping[str, Sequence[Number | None]]) -> Chart:
    """Draw a line for each series over the labels; None leaves a gap."""
    return _draw(pygal.Line, title, labels, series)


def _draw(kind: Any, title: str, labels: Sequence[str], series: Mapping[str, Sequence[Number | None]]) -> Chart:
    chart = kind(
        width=720,
        height=300,
        css=[],
        js=[],
        no_prefix=True,
        disable_xml_declaration=True,
        show_legend=len(series) > 1,
        legend_at_bottom=True,
        range=_whole_range(series),
        no_data_text="—",
    )
    chart.x_labels = [str(label) for label in labels]
    for name, values in series.items():
        chart.add(name, list(values))
    drawn = _NOT_ALLOWED_INLINE.sub("", chart.render(is_unicode=True))
    return Chart(title, labels, series, Markup(drawn))  # noqa: S704  # pygal escaped the texts


def _whole_range(series: Mapping[str, Sequence[Number | None]]) -> tuple[Number, Number]:
    highest = max((v for values in series.values() for v in values if v is not None), default=0)
    return (0, highest or 1)

"""The console's figures of an area with charts and spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.params import QueryParameter
from litestar.response import Response, Template

from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.language import Language, Text, language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import WorkbookWriter, csv_text
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import page
from xinyi_platform.web.charts import Chart, bar_chart, line_chart
from xinyi_rewards.figures.counting import MEASURES, NAMES
from xinyi_rewards.figures.months import last_months, months_between
from xinyi_rewards.figures.tables import Figures, figures_of, lines_of

AnyRequest = Request[Any, Any, Any]
READERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE, Role.ADMIN]
MonthName = Annotated[str, QueryParameter(max_length=7)]
_CHARTS = (
    (Text("发布与结束", "Published and ended"), ("red", "black", "repaired", "expired", "revoked")),
    (
        Text("异议", "Objections"),
        ("objections", "objections_decided", "upheld", "dismissed", "objections_in_time", "objections_late"),
    ),
    (Text("修复", "Repairs"), ("repairs", "repairs_decided", "repairs_in_time", "repairs_late")),
    (Text("停止使用", "Recalls"), ("recalls", "acknowledged")),
    (Text("奖励与支持", "Rewards and support"), ("rewards", "rewards_used", "support")),
)
_BY_MONTH, _BY_PART = Text("按月", "by month"), Text("按区划", "by area")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FigurePages(Controller):
    path = "/console/figures"
    guards = [Allow(Staff, roles=READERS)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        first: MonthName = "",
        last: MonthName = "",
        division: Annotated[str, QueryParameter(max_length=12)] = "",
    ) -> Template:
        """The figures of my area, or of a part of it, by month and by what lies below."""
        figures = await _figures(runtime, principal, first, last, division)
        return page(
            "figures/console_figures.html",
            request,
            figures=figures,
            where=division_name(figures.area),
            charts=_charts(figures, language_of(request)),
            measures=MEASURES,
            parts=[part for part in figures.parts if part != figures.area],
            is_whole=figures.area == principal.division,
        )

    @get("/sheet")
    async def sheet(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        first: MonthName = "",
        last: MonthName = "",
        division: Annotated[str, QueryParameter(max_length=12)] = "",
        form: str = "xlsx",
    ) -> Response[bytes]:
        """The same as a spreadsheet, in the reader's language."""
        figures = await _figures(runtime, principal, first, last, division)
        rows = lines_of(figures, MEASURES, language_of(request))
        name = f"figures-{figures.area}-{figures.months[0]}-{figures.months[-1]}"
        if form == "csv":
            content, media_type, name = csv_text(rows, first=True).encode("utf-8"), "text/csv", f"{name}.csv"
        else:
            out = io.BytesIO()
            with WorkbookWriter(out) as book:
                book.add(rows)
            content, media_type, name = out.getvalue(), _XLSX, f"{name}.xlsx"
        return Response(
            content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


async def _figures(runtime: Runtime, staff: Staff, first: str, last: str, division: str) -> Figures:
    begin, end = last_months(local_date(runtime.clock.now()), 6)
    area = area_of(staff)
    return await figures_of(area.part(division) if division else area, months_between(first or begin, last or end))


def _charts(figures: Figures, language: Language) -> list[tuple[Chart, Chart]]:
    def named(keys: Sequence[str], numbers: dict[str, list[int]]) -> dict[str, list[int]]:
        return {NAMES[key].read(language): numbers[key] for key in keys}

    labels = [figures.label_of(part).read(language) for part in figures.parts]
    found = []
    for title, keys in _CHARTS:
        by_month = named(keys, {key: figures.by_month(key) for key in keys})
        by_part = named(keys, {key: figures.by_part(key) for key in keys})
        found.append(
            (
                line_chart(f"{title.read(language)} · {_BY_MONTH.read(language)}", figures.months, by_month),
                bar_chart(f"{title.read(language)} · {_BY_PART.read(language)}", labels, by_part),
            )
        )
    return found


ROUTES = (FigurePages,)

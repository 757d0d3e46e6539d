"""Open data on lists and rewards, by district and month, as it was published: a page, CSV and JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.params import QueryParameter
from litestar.response import Response, Template

from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.spreadsheets import csv_text
from xinyi_platform.web import page
from xinyi_rewards.figures.counting import NAMES
from xinyi_rewards.figures.freezing import TOTAL
from xinyi_rewards.figures.reading import DATASETS, Published, published_of, published_years

AnyRequest = Request[Any, Any, Any]
Year = Annotated[str, QueryParameter(pattern=r"^(2\d{3})?$")]
LICENCE = Text(
    "可自由使用和再传播,请注明来源“{city}信用平台”和日期。", "Free to use and to pass on; name the source and the day."
)
KEPT_SECONDS = 3_600
_KEPT = {"Cache-Control": f"public, max-age={KEPT_SECONDS}"}
_HEADS = ("measure", "measure_zh", "measure_en", "division", "division_zh", "division_en", "month", "number")
_WHOLE = Text("全市", "The whole city")


class OpenName(Answer, kw_only=True, frozen=True):
    """What a measure counts, in both languages."""

    zh: str
    en: str


class OpenNumber(Answer, kw_only=True, frozen=True):
    """One number; None: hidden. `division` is `total` for the whole city."""

    measure: str
    division: str
    month: str
    number: int | None


class OpenDataset(Answer, kw_only=True, frozen=True):
    """A dataset of whole months, each as it was published once. Numbers from 1 to 9 are hidden, and so are others by
    which those could be worked out. `as_of`: the day on which the last month was published, None without any.
    """

    dataset: str
    title_zh: str
    title_en: str
    licence_zh: str
    licence_en: str
    as_of: date | None
    months: list[str]
    measures: dict[str, OpenName]
    numbers: list[OpenNumber]


class OpenDataPages(Controller):
    path = "/open-data"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The datasets: what is in them, how they may be used, and where to get them."""
        return page(
            "figures/open_data.html",
            request,
            datasets=DATASETS,
            names=NAMES,
            licence=LICENCE.format(city=runtime.settings.city_name),
            years=await published_years(),
        )

    @get("/{file_name:str}")
    async def as_csv(self, file_name: str, year: Year = "") -> Response[bytes]:
        """One dataset as CSV, `lists.csv` say, of a calendar year or the newest months; an empty number is hidden."""
        dataset = file_name.removesuffix(".csv")
        if dataset == file_name:
            raise NotFound
        found = await published_of(dataset, year=year)
        rows = [_HEADS, *_lines(found)]
        name = f"{dataset}-{year}.csv" if year else f"{dataset}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', **_KEPT}
        return Response(csv_text(rows, first=True).encode("utf-8"), media_type="text/csv", headers=headers)


def _lines(found: Published) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for row in found.rows:
        where, number = _WHOLE if row.part == TOTAL else division_name(row.part), row.number
        shown = "" if number is None else str(number)
        lines.append((row.measure, row.name.zh, row.name.en, row.part, where.zh, where.en, row.month, shown))
    return lines


class OpenDataController(Controller):
    path = "/api/v1/open-data"
    guards = [Allow(Anyone)]
    tags = ["open-data"]

    @get("/{dataset:str}", operation_id="getOpenData")
    async def one(self, runtime: Runtime, dataset: str, year: Year = "") -> Response[OpenDataset]:
        """One dataset (lists, objections, rewards) by district: a calendar year's months, or the twelve newest."""
        found = await published_of(dataset, year=year)
        title, keys = DATASETS[dataset]
        licence = LICENCE.format(city=runtime.settings.city_name)
        answer = OpenDataset(
            dataset=dataset,
            title_zh=title.zh,
            title_en=title.en,
            licence_zh=licence.zh,
            licence_en=licence.en,
            as_of=found.as_of,
            months=list(found.months),
            measures={key: OpenName(zh=NAMES[key].zh, en=NAMES[key].en) for key in keys},
            numbers=[
                OpenNumber(measure=row.measure, division=row.part, month=row.month, number=row.number)
                for row in found.rows
            ],
        )
        return Response(answer, headers=_KEPT)


ROUTES = (OpenDataPages, OpenDataController)

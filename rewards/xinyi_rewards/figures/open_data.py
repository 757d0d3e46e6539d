"""Open data on lists and rewards, by district and month, with small numbers hidden: a page, CSV and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Controller, Request, get
from litestar.response import Response, Template

from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.spreadsheets import csv_text
from xinyi_platform.tenancy import whole_city
from xinyi_platform.web import page
from xinyi_rewards.figures.counting import MEASURES
from xinyi_rewards.figures.months import months_between
from xinyi_rewards.figures.tables import TOTAL, Cell, Figures, figures_of, full_months, published

AnyRequest = Request[Any, Any, Any]
LICENCE = Text(
    "可自由使用和再传播,请注明来源“{city}信用平台”和日期。", "Free to use and to pass on; name the source and the day."
)
DATASETS = {
    "lists": (Text("名单", "Lists"), ("red", "black", "repaired", "expired", "revoked")),
    "objections": (
        Text("异议与修复", "Objections and repairs"),
        ("objections", "upheld", "dismissed", "objections_in_time", "repairs", "repairs_in_time"),
    ),
    "rewards": (Text("奖励与支持", "Rewards and support"), ("rewards", "rewards_used", "support")),
}
_NAMES = {measure.key: measure.text for measure in MEASURES}


class OpenNumber(Answer, kw_only=True, frozen=True):
    """One number; None: hidden. `division` or `month` is `total` for the sum over all of them."""

    measure: str
    division: str
    month: str
    number: int | None


class OpenDataset(Answer, kw_only=True, frozen=True):
    """A dataset of whole months. Numbers from 1 to 9 are hidden, and others by which those could be worked out."""

    dataset: str
    title_zh: str
    title_en: str
    licence_zh: str
    licence_en: str
    as_of: date
    first_month: str
    last_month: str
    measures: dict[str, str]
    numbers: list[OpenNumber]


@dataclass(frozen=True, slots=True)
class _Published:
    figures: Figures
    cells: dict[str, dict[Cell, int | None]]


async def _published(runtime: Runtime, dataset: str) -> _Published:
    if dataset not in DATASETS:
        raise NotFound
    keys = DATASETS[dataset][1]
    months = months_between(*full_months(local_date(runtime.clock.now())))
    measures = [measure for measure in MEASURES if measure.key in keys]
    figures = await figures_of(whole_city(), months, measures)
    return _Published(figures, {key: published(figures, key) for key in keys})


class OpenDataPages(Controller):
    path = "/open-data"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The datasets: what is in them, how they may be used, and where to get them."""
        first, last = full_months(local_date(runtime.clock.now()))
        return page(
            "figures/open_data.html",
            request,
            datasets=DATASETS,
            names=_NAMES,
            licence=LICENCE.format(city=runtime.settings.city_name),
            first=first,
            last=last,
        )

    @get("/{file_name:str}")
    async def as_csv(self, runtime: Runtime, file_name: str) -> Response[bytes]:
        """One dataset as CSV, `lists.csv` say; an empty number is hidden."""
        dataset = file_name.removesuffix(".csv")
        if dataset == file_name:
            raise NotFound
        found = await _published(runtime, dataset)
        rows = [("measure", "division", "division_name", "month", "number")]
        for key, cells in found.cells.items():
            for (part, month), number in cells.items():
                name = part if part == TOTAL else division_name(part).zh
                rows.append((key, part, name, month, "" if number is None else str(number)))
        headers = {"Content-Disposition": f'attachment; filename="{dataset}.csv"'}
        return Response(csv_text(rows, first=True).encode("utf-8"), media_type="text/csv", headers=headers)


class OpenDataController(Controller):
    path = "/api/v1/open-data"
    guards = [Allow(Anyone)]
    tags = ["open-data"]

    @get("/{dataset:str}", operation_id="getOpenData")
    async def one(self, runtime: Runtime, dataset: str) -> OpenDataset:
        """One dataset (lists, objections, rewards): twelve whole months, by district."""
        found, title = await _published(runtime, dataset), DATASETS.get(dataset, (Text("", ""), ()))[0]
        licence = LICENCE.format(city=runtime.settings.city_name)
        return OpenDataset(
            dataset=dataset,
            title_zh=title.zh,
            title_en=title.en,
            licence_zh=licence.zh,
            licence_en=licence.en,
            as_of=local_date(runtime.clock.now()),
            first_month=found.figures.months[0],
            last_month=found.figures.months[-1],
            measures={key: _NAMES[key].zh for key in found.cells},
            numbers=[
                OpenNumber(measure=key, division=part, month=month, number=number)
                for key, cells in found.cells.items()
                for (part, month), number in cells.items()
            ],
        )


ROUTES = (OpenDataPages, OpenDataController)

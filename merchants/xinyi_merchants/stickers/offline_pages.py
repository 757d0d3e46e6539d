"""Two public pages: a box that finds a shop by whatever was scanned, and a check of stickers without network.

`/m/offline` brings a service worker, which keeps the page, its files and one signed snapshot, and says what it tells of
a code. Its scripts are served from here, because a worker's reach is that of its own address. Without script the page
says that it needs the network and sends the code to the box.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.params import QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.finding import MerchantFacts, find_merchant_by_uscc
from xinyi_merchants.stickers.offline import OLD, REASONS
from xinyi_merchants.stickers.recognising import MOST_CHARACTERS, recognise
from xinyi_merchants.stickers.scans import ELSEWHERE, area_of, districts
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.rate_limits import limit_caller
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page
from xinyi_platform.web.assets import asset_url

AnyRequest = Request[Any, Any, Any]
_SCRIPTS = Path(__file__).parent / "scripts"
_NAMES = ("worker.js", "page.js", "check.js")
# What the shell's layout asks for; the worker keeps it along with the page.
_FILES = ("vendor/bootstrap.min.css", "xinyi.css", "icon.svg", "xinyi.js", "code_reader.js", "live_code.js", "forms.js")
VERDICTS: dict[str, Text] = {
    "GENUINE": Text("码贴是真的", "Genuine"),
    "REVOKED": Text("码贴已作废", "Revoked"),
    "NOT OURS": Text("不是本平台的码贴", "Not ours"),
    "CANNOT TELL": Text("无法判断", "Cannot tell"),
}
_UNKNOWN = Text(
    "没有认出来。请扫门口的码贴,或输入码贴编码、商户编号或18位统一社会信用代码。",
    "Not recognised. Scan the sticker at the door, or type its code, the shop's number or the credit code.",
)
_NO_SHOP = Text(
    "平台没有这个统一社会信用代码的商户,请核对营业执照上的代码。",
    "No shop here has this credit code; compare it with the licence.",
)


class ScanPages(Controller):
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/m/scan")
    async def scan(
        self,
        runtime: Runtime,
        request: AnyRequest,
        q: Annotated[str, QueryParameter(max_length=MOST_CHARACTERS)] = "",
        at: Annotated[str, QueryParameter(max_length=12)] = "",
    ) -> Redirect | Template:
        """Lead to the shop's page by a sticker's address or code, a shop's number, or a credit code."""
        if not q.strip():
            return _box(request, at=at)
        found = recognise(q, runtime.settings.public_url)
        if found.kind in ("sticker", "shop"):
            area = area_of(at, runtime.settings.city_code)
            return Redirect(f"/m/{found.code}" + (f"?at={area}" if area else ""), status_code=303)
        if found.kind == "nothing":
            return _box(request, q=q, at=at, error=_UNKNOWN, status_code=400)
        await limit_caller(request, "scan-uscc", times=60, overall=6_000, per_seconds=60)
        shop = await _shop_of(found.code)
        if found.kind == "foreign":
            return page("stickers/foreign.html", request, shop=shop, status_code=404)
        if shop is None:
            return _box(request, q=q, at=at, error=_NO_SHOP, status_code=404)
        return Redirect(f"/m/{shop.code}", status_code=303)


class OfflinePages(Controller):
    path = "/m/offline"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def show(self, request: AnyRequest) -> Template:
        """The check without network."""
        return page(
            "stickers/offline.html",
            request,
            headers={"Cache-Control": "no-cache"},
            places=[(code, division_name(code)) for code in districts()],
            verdicts=VERDICTS,
            reasons=REASONS,
            days=OLD.days,
        )

    @get("/{name:str}", sync_to_thread=False)
    def script(self, name: str) -> Response[bytes]:
        """The worker, which may reach the page itself, and the scripts that it and the page use."""
        if name not in _NAMES:
            raise NotFound
        content = worker_script() if name == "worker.js" else _script(name)
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": OfflinePages.path}
        return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


@cache
def _script(name: str) -> bytes:
    return (_SCRIPTS / name).read_bytes()


@cache
def worker_script() -> bytes:
    """Return the worker with what it keeps; it changes with any of those files, so that browsers take up a new one."""
    own = [_script(name) for name in _NAMES]
    files = [asset_url(name) for name in _FILES] + [f"{OfflinePages.path}/{name}" for name in ("page.js", "check.js")]
    shell = hashlib.sha256(b"\0".join([*own, *(file.encode() for file in files)])).hexdigest()[:12]
    head = f"const SHELL = {json.dumps(f'xinyi-offline-{shell}')};\nconst FILES = {json.dumps(files)};\n"
    return head.encode() + own[0]


def _box(request: AnyRequest, *, q: str = "", at: str, error: Text | None = None, status_code: int = 200) -> Template:
    places = [*((code, division_name(code)) for code in districts()), (ELSEWHERE, Text("市外", "Outside the city"))]
    return page("stickers/scan.html", request, q=q, at=at, places=places, error=error, status_code=status_code)


async def _shop_of(uscc: str) -> MerchantFacts | None:
    try:
        return await find_merchant_by_uscc(uscc) if uscc else None
    except NotFound:
        return None

"""The main job in a real browser: what each person sees, on a phone and at a desk, with script and without."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from browser.accessibility import faults_of
from browser.people import DESK, PHONE, claim, give_consent, sign_in_resident, sign_in_to_work
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, expect
from playwright.async_api import Error as BrowserError
from support.instance import Instance

from xinyi_platform.identity.seeding import synthetic_identity_number

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.on_postgres, pytest.mark.timeout(600)]
VISITED = (
    "/",
    "/app/sign-in",
    "/portal/sign-in",
    "/lists",
    "/lists/red-good-neighbour",
    "/lists/black-enforcement",
    "/campaigns",
    "/cases",
    "/open-data",
    "/recommended-shops",
    "/precheck",
    "/honest-merchants",
    "/m/scan",
    "/m/scan?q=none",
    "/m/offline",
)
RESIDENT = 60  # on no seeded list
NOBODY = 900  # seeded as no resident, so known by no other name
NUMBER = f"138000{RESIDENT:05d}"
WITHOUT_SCRIPT = f"138000{RESIDENT + 1:05d}"


@pytest.fixture(autouse=True)
def of_good_standing(city: Instance) -> None:
    """Let the story's residents be of good standing."""
    for place in (RESIDENT, RESIDENT + 1):
        control = {"subject": synthetic_identity_number(place), "standing": "good"}
        httpx.post(f"http://127.0.0.1:{city.bureau_port}/control", json=control).raise_for_status()


class Desk:
    """One person's browser, which keeps what its console complained of."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context, self.page = context, page
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        is_refused_form = "the server responded with a status of 4" in message.text
        if message.type == "error" and not is_refused_form:
            self.complaints.append(message.text)


class People:
    """Opens a browser window of its own for each person."""

    def __init__(self, browser: Browser, city: Instance) -> None:
        self._browser, self.city = browser, city
        self.logins = {row["name"]: row for row in city.logins()}
        self.shop = next(row for row in city.logins() if "景区" in row["who"])
        self._desks: list[Desk] = []

    async def arrive(self, viewport: Any = PHONE, *, script: bool = True) -> Page:
        context = await self._browser.new_context(
            base_url=self.city.url, viewport=viewport, locale="zh-CN", java_script_enabled=script
        )
        context.set_default_timeout(15_000)
        page = await context.new_page()
        self._desks.append(Desk(context, page))
        return page

    async def leave(self) -> None:
        for desk in self._desks:
            await desk.context.close()

    @property
    def complaints(self) -> list[str]:
        return [line for desk in self._desks for line in desk.complaints]


@pytest.fixture
async def people(browser: Browser, city: Instance) -> AsyncIterator[People]:
    opened = People(browser, city)
    yield opened
    await opened.leave()


async def test_the_story_in_a_browser(people: People) -> None:
    resident, till = await people.arrive(), await people.arrive(DESK)
    await sign_in_resident(resident, NUMBER)
    code = await see_verdicts_and_claim(resident)
    await sign_in_to_work(till, "portal", people.shop)
    await redeem_and_reverse(till, code)
    await complain_and_be_answered(people, till)
    await publish_a_list(people)
    await see_who_looked_and_withdraw(resident)
    assert people.complaints == []


async def see_verdicts_and_claim(page: Page) -> str:
    """Without consent nothing can be told; with it each verdict has its reason, and one gives a code."""
    await page.goto("/app/scenes")
    await expect(page.locator("main")).to_contain_text("需要您先同意后才能查询信用状况")
    await page.get_by_role("link", name="查看并决定").click()
    for part in ("读取的数据", "接收方", "有效期至", "依据"):
        await expect(page.locator("main")).to_contain_text(part)
    await page.get_by_role("button", name="同意", exact=True).click()
    await expect(page.get_by_role("heading", name="您可以享受")).to_be_visible()
    await page.goto("/app/scenes/checkup")
    await expect(page.locator("main")).to_contain_text("您不在红名单上")
    await expect(page.locator("main")).to_contain_text("怎样改变")
    code = await claim(page, "travel")
    await expect(page.locator(".live-code svg")).to_be_visible()
    return code


async def redeem_and_reverse(page: Page, code: str) -> None:
    """What it is worth, once only, and one mistake taken back; a wrong price keeps what was typed."""
    await read_code(page, code)
    await expect(page.get_by_role("heading", name="信易游")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("折")
    await page.get_by_label("消费金额(元)").fill("八十")
    await page.get_by_role("button", name="核销", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("请输入金额")
    await expect(page.get_by_label("消费金额(元)")).to_have_value("八十")
    await page.get_by_label("消费金额(元)").fill("80.00")
    await page.get_by_role("button", name="核销", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("核销成功")
    await expect(page.locator("main")).to_contain_text("¥16.00")
    await read_code(page, code)
    await expect(page.locator("main")).to_contain_text("不能重复使用")
    await expect(page.get_by_role("button", name="核销", exact=True)).to_have_count(0)
    await page.goto("/portal/redemptions")
    await page.get_by_text("核销有误?").first.click()
    await page.get_by_label("冲正原因").first.fill("输错金额")
    await page.get_by_role("button", name="冲正").first.click()
    await expect(page.locator("main")).to_contain_text("输错金额")
    await expect(page.get_by_text("核销有误?")).to_have_count(0)


async def read_code(page: Page, code: str) -> None:
    await page.goto("/portal/redeem")
    await page.get_by_label("权益码").fill(code)
    await page.get_by_role("button", name="查看权益").click()


async def complain_and_be_answered(people: People, till: Page) -> None:
    """A passer-by complains with a picture; staff accept and pass on; the shop answers; she sees each step."""
    passer_by, staff = await people.arrive(), await people.arrive(DESK)
    await till.goto("/portal")
    shop = await till.get_by_role("link", name="公示页").get_attribute("href")
    number = await file_complaint(passer_by, str(shop), NUMBER)
    await sign_in_to_work(staff, "console", people.logins["he"])
    await staff.goto("/console/complaints")
    await staff.get_by_role("link", name=number).click()
    await expect(staff.get_by_role("img", name="投诉图片 1")).to_be_visible()
    await staff.get_by_role("button", name="受理", exact=True).click()
    await till.goto("/portal/complaints")
    await till.get_by_role("link", name=number).click()
    await till.get_by_label("商户答复").fill("已核实,退还十元并更换价签。")
    await till.get_by_role("button", name="商户答复").click()
    await passer_by.goto(f"/m/complaints?number={number}")
    await passer_by.get_by_label("手机号").fill(NUMBER)
    await passer_by.get_by_role("button", name="查询").click()
    steps = passer_by.locator(".timeline")
    for step in ("提交投诉", "受理", "商户答复"):
        await expect(steps).to_contain_text(step)
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", await steps.inner_text())
    second = await file_complaint(passer_by, str(shop), WITHOUT_SCRIPT)
    await staff.goto("/console/complaints")
    await staff.get_by_role("link", name=second).click()
    await staff.get_by_role("button", name="受理", exact=True).click()
    await staff.get_by_label("终止").fill("双方未能达成一致。")
    await staff.get_by_role("button", name="终止").click()
    await expect(staff.locator("main")).to_contain_text("未达成一致,已终止")


async def file_complaint(page: Page, shop: str, phone: str) -> str:
    """File one from the shop's page and return its number."""
    await page.goto(shop)
    await expect(page.locator("main")).to_contain_text("诚信商户")
    await expect(page.locator("main")).not_to_contain_text(re.compile("绿码|黄码|橙码|红码"))
    await page.get_by_role("link", name="投诉这家店").click()
    await page.get_by_label("投诉类型").select_option("price")
    await page.get_by_label("发生了什么").fill("门口标价与收费不一致,多收了十元。")
    await page.get_by_label("手机号", exact=True).fill(phone)
    picture = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": drawn_picture()}
    await page.get_by_label("照片").set_input_files([picture])  # type: ignore[list-item]
    await page.get_by_role("button", name="提交投诉").click()
    await expect(page.get_by_role("heading", name="投诉已提交")).to_be_visible()
    return await page.locator(".facts dd").first.inner_text()


def drawn_picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (640, 480), "#8ac").save(held, "JPEG")
    return held.getvalue()


async def publish_a_list(people: People) -> None:
    """Wrong rows are named and nothing is kept; the right list is made by one and approved by another."""
    maker, reviewer, public = [await people.arrive(size) for size in (DESK, DESK, PHONE)]
    await sign_in_to_work(maker, "console", people.logins["lin"])
    head, row = "姓名,身份证号,事迹\n", f"王小明,{synthetic_identity_number(NOBODY)},帮扶邻里\n"
    await upload(maker, f"{head}{row},410611199001010001,无名\n")
    await expect(maker.get_by_role("region", name="有问题的行").get_by_role("row")).not_to_have_count(1)
    await expect(maker.get_by_role("heading", name="十一月好人榜")).to_be_visible()
    await expect(maker.get_by_role("button", name="只保存无误的1行")).to_be_visible()
    await maker.goto("/console/lists")
    await expect(maker.locator("main")).not_to_contain_text("十一月好人榜")
    await upload(maker, head + row)
    await maker.get_by_role("button", name="提交复核").click()
    await expect(maker.locator("main")).to_contain_text("经办人不能复核自己的名单")
    await expect(maker.get_by_role("button", name="复核通过")).to_have_count(0)
    await sign_in_to_work(reviewer, "console", people.logins["zhou"])
    await reviewer.goto("/console/lists")
    await reviewer.get_by_role("link", name="十一月好人榜").click()
    await reviewer.get_by_role("button", name="复核通过").click()
    await expect(reviewer.locator("main")).to_contain_text("已发布")
    await public.goto("/lists/red-good-neighbour")
    await expect(public.locator("main")).to_contain_text("王*明")
    await expect(public.locator("main")).not_to_contain_text("王小明")


async def upload(page: Page, text: str) -> None:
    await page.goto("/console/lists/new")
    await page.get_by_label("名单类别").select_option("red-good-neighbour")
    await page.get_by_label("标题").fill("十一月好人榜")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    await page.get_by_label("表格").set_input_files([file])  # type: ignore[list-item]
    await page.get_by_role("button", name="保存草稿").click()


async def see_who_looked_and_withdraw(page: Page) -> None:
    await page.goto("/app/access-log")
    await expect(page.locator("main")).to_contain_text("已向信用平台查询")
    await expect(page.locator("main")).to_contain_text("领取权益")
    await page.goto("/app/consents")
    await page.get_by_role("button", name="撤回同意").first.click()
    await page.goto("/app/scenes/bookshop")
    await expect(page.locator("main")).to_contain_text("暂无法判断")
    await expect(page.locator("main")).to_contain_text("需要您先同意后才能查询信用状况")
    await page.goto("/app/access-log")
    await expect(page.locator("main li").first).to_contain_text("因未授权被拒绝")


async def test_every_form_works_without_script(people: People) -> None:
    resident, till = await people.arrive(script=False), await people.arrive(script=False)
    await sign_in_resident(resident, WITHOUT_SCRIPT)
    await give_consent(resident)
    code = await claim(resident, "travel")
    await sign_in_to_work(till, "portal", people.shop)
    await read_code(till, code)
    await till.get_by_label("消费金额(元)").fill("50")
    await till.get_by_role("button", name="核销", exact=True).click()
    assert "核销成功" in await till.locator("main").inner_text()
    await till.goto("/portal")
    shop = await till.get_by_role("link", name="公示页").get_attribute("href")
    assert await file_complaint(resident, str(shop), WITHOUT_SCRIPT)


async def test_every_page_for_residents_and_visitors_is_accessible_and_fits(people: People) -> None:
    """axe finds nothing, nothing is wider than the window, and the console stays silent."""
    page = await people.arrive()
    found = [fault for path in (*VISITED, "/no-such-page") for fault in await faults_of(page, path)]
    await sign_in_resident(page, NUMBER)
    await give_consent(page)
    await claim(page, "travel")
    found += await faults_of(page, page.url)
    found += await faults_below(page, "/app")
    assert found == []
    assert people.complaints == []


@pytest.mark.parametrize(("surface", "name"), [("/portal", "a shop"), ("/console", "lin"), ("/console", "xu")])
async def test_every_page_for_work_is_accessible_and_fits(people: People, surface: str, name: str) -> None:
    page = await people.arrive(DESK)
    login = people.shop if surface == "/portal" else people.logins[name]
    await sign_in_to_work(page, surface.strip("/"), login)
    assert await faults_below(page, surface) == []
    assert people.complaints == []


async def faults_below(page: Page, surface: str) -> list[str]:
    """Check a surface's home and every kind of page that links lead to from there."""
    found, waiting, seen = [], [surface], set()
    while waiting:
        path = waiting.pop(0)
        one_of_many = r"[0-9a-f-]{36}|(?<=/m/)[0-9A-Z]+|(?<=scenes/)[a-z-]+|(?<=stickers/)[0-9]+"
        kind = re.sub(one_of_many, "*", path.partition("?")[0])
        if kind in seen:
            continue
        seen.add(kind)
        try:
            found += await faults_of(page, path)
        except BrowserError as error:
            if "Download is starting" not in error.message:
                raise
            continue
        links = await page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        waiting += [link for link in links if link.startswith((surface, "/m/"))]
    return found

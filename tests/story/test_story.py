"""The main job over real HTTP: a resident's good credit becomes a benefit used at a shop, and everybody sees why.

One seeded city in its own server processes, on SQLite and on PostgreSQL with Valkey; its people use the API, the
portal and the console as they would.
"""

from __future__ import annotations

import io
import re
import time
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from support.instance import Instance
from support.visitor import Visitor, field_of, text_of

from xinyi_platform.identity.seeding import synthetic_identity_number

pytestmark = pytest.mark.timeout(300)
PLACE = 60  # a resident on no seeded list, on red lists only after the story put her there
PHONE = f"138000{PLACE:05d}"
IDENTITY = synthetic_identity_number(PLACE)
PURPOSE = "credit_status.scenes"
CONSENT = f"/api/v1/me/consents/{PURPOSE}"


class Story:
    """The people of the story and what they hold."""

    def __init__(self, city: Instance) -> None:
        self.city = city
        self.logins = {row["name"]: row for row in city.logins()}
        self.shop = next(row for row in city.logins() if "景区" in row["who"])
        self.merchant = ""
        self.resident = Visitor(city.url)
        self.operator = Visitor(city.url)
        self.partner = httpx.Client(base_url=city.url, timeout=30)
        self.set_standing("minor")

    def set_standing(self, standing: str) -> None:
        self.switch_bureau({"subject": IDENTITY, "standing": standing})

    def switch_bureau(self, control: dict[str, Any]) -> None:
        httpx.post(f"http://127.0.0.1:{self.city.bureau_port}/control", json=control).raise_for_status()

    def call(self, method: str, path: str, *, status: int, key: str = "", **more: Any) -> Any:
        """Call the resident's API and return the JSON answer."""
        return _json(self.resident, method, path, status, key, more)

    def call_as_partner(self, path: str, *, status: int, key: str = "", **more: Any) -> Any:
        return _json(self.partner, "POST", f"/partner/v1{path}", status, key, more)

    def held(self, entitlement: str) -> Any:
        return self.call("GET", f"/api/v1/entitlements/{entitlement}", status=200)


def _json(client: httpx.Client, method: str, path: str, status: int, key: str, more: dict[str, Any]) -> Any:
    answer = client.request(method, path, headers={"Idempotency-Key": key} if key else {}, **more)
    assert answer.status_code == status, (path, answer.status_code, answer.text)
    return answer.json() if answer.content else None


def test_the_story(city: Instance) -> None:
    story = Story(city)
    sign_in(story)
    voucher = claim_with_consent(story)
    redeem_and_reverse(story, voucher)
    use_deposit_free_orders(story)
    complain_and_be_answered(story)
    publish_a_list_and_contest_it(story)
    survive_a_silent_bureau(story)
    see_who_looked_and_withdraw(story)


def sign_in(story: Story) -> None:
    """Phone and one-time code; partner's credentials."""
    sent = story.call("POST", "/api/v1/auth/otp", status=202, json={"phone": PHONE})
    tokens = story.call("POST", "/api/v1/auth/token", status=200, json={"phone": PHONE, "code": sent["code"]})
    story.resident.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    credentials = {"grant_type": "client_credentials", "client_id": "hebi-bike"}
    given = story.call_as_partner(
        "/token", status=200, json={**credentials, "client_secret": story.logins["hebi-bike"]["secret"]}
    )
    story.partner.headers["Authorization"] = f"Bearer {given['access_token']}"
    story.operator.sign_in_to_work("portal", story.shop)
    found = re.search(r"/[mM]/([0-9A-Z]+)", story.operator.get("/portal").text)
    assert found
    story.merchant = found[1]


def give_consent(story: Story) -> Any:
    return story.call("PUT", CONSENT, status=200, json={"version": 1})


def verdicts(story: Story) -> dict[str, Any]:
    answers = story.call("GET", "/api/v1/eligibility", status=200)
    return {answer["scenario"]: answer for answer in answers}


def claim_with_consent(story: Story) -> str:
    """Without consent nobody can tell; with it she is eligible for one scene and sees why not for another."""
    before = verdicts(story)["travel"]
    assert before["verdict"] == "unknown"
    assert "同意" in before["findings"][0]["reason"]
    story.call("POST", "/api/v1/scenarios/travel/claims", status=403, key="too-early")
    offered = next(p for p in story.call("GET", "/api/v1/consent-purposes", status=200) if p["purpose"] == PURPOSE)
    assert all(offered[part] for part in ("title", "text", "data", "receiver", "basis", "days"))
    story.call("PUT", CONSENT, status=409, json={"version": offered["version"] + 1})
    assert give_consent(story)["expires_at"]
    after = verdicts(story)
    assert after["travel"]["verdict"] == "eligible"
    assert after["ride"]["verdict"] == "not_eligible"
    reason = next(f for f in after["ride"]["findings"] if f["outcome"] == "not_met")
    assert "轻微" in reason["reason"]
    assert "信用修复" in reason["would_change"]
    claimed = story.call("POST", "/api/v1/scenarios/travel/claims", status=201, key="claim-travel")
    again = story.call("POST", "/api/v1/scenarios/travel/claims", status=201, key="claim-travel")
    assert again["id"] == claimed["id"]
    story.call("POST", "/api/v1/scenarios/travel/claims", status=409, key="another")
    return str(claimed["id"])


def redeem_and_reverse(story: Story, voucher: str) -> None:
    """The shop sees what it is worth, redeems it once, and takes a mistake back once."""
    code = story.call("GET", f"/api/v1/entitlements/{voucher}/qr", status=200)["token"]
    shop = story.operator
    check = shop.submit("/portal/redeem", "/portal/redeem/check", {"code": code})
    assert "信易游" in text_of(check.text)
    fields = {"code": code, "price": "80.00"}
    once = {name: field_of(check.text, name) for name in ("key",) if f'name="{name}"' in check.text}
    done = shop.submit("/portal/redeem", "/portal/redeem", {**fields, **once})
    assert "16.00" in text_of(done.text)
    refused = shop.submit("/portal/redeem", "/portal/redeem", {**fields, "key": "again"}, status=409)
    assert "已" in text_of(refused.text)
    assert story.held(voucher)["state"] == "redeemed"
    listing = shop.get("/portal/redemptions").text
    action = re.search(r'action="(/portal/redemptions/[^"]+/reverse)"', listing)
    assert action
    shop.submit("/portal/redemptions", action[1], {"reason": "输错金额"})
    assert story.held(voucher)["state"] == "reversed"
    shop.submit("/portal/redemptions", action[1], {"reason": "再次"}, status=409)
    partner_redeems(story, voucher)


def partner_redeems(story: Story, voucher: str) -> None:
    code = story.call("GET", f"/api/v1/entitlements/{voucher}/qr", status=200)["token"]
    sale = {"code": code, "price_fen": 8_000, "merchant": story.merchant}
    made = story.call_as_partner("/redemptions", status=201, key="r1", json=sale)
    assert made["discount_fen"] == 1_600
    assert story.call_as_partner("/redemptions", status=201, key="r1", json=sale) == made
    story.call_as_partner("/redemptions", status=409, key="r2", json=sale)
    story.call_as_partner(f"/redemptions/{made['id']}/reverse", status=200, key="v1", json={"reason": "误刷"})
    story.call_as_partner(f"/redemptions/{made['id']}/reverse", status=409, key="v2", json={"reason": "误刷"})


def use_deposit_free_orders(story: Story) -> None:
    """A ride that is done and made cheaper, and a rental that is called off; better credit opened them."""
    story.set_standing("good")
    story.call("DELETE", CONSENT, status=204)
    give_consent(story)
    ride = story.call("POST", "/api/v1/scenarios/ride/claims", status=201, key="claim-ride")
    order = create_order(story, ride["id"], "ride-1")
    assert order["state"] == "created"
    path = f"/orders/{order['id']}"
    assert story.call_as_partner(f"{path}/start", status=200, key="s1")["state"] == "doing"
    done = story.call_as_partner(f"{path}/complete", status=200, key="c1", json={"amount_fen": 300})
    assert (done["state"], done["collection"]) == ("done", "user_paying")
    lower = {"amount_fen": 200, "reason": "车辆有故障"}
    assert story.call_as_partner(f"{path}/modify", status=200, key="m1", json=lower)["amount_fen"] == 200
    story.call_as_partner(f"{path}/modify", status=422, key="m2", json={"amount_fen": 400, "reason": "多了"})
    rent = story.call("POST", "/api/v1/scenarios/rent/claims", status=201, key="claim-rent")
    rental = create_order(story, rent["id"], "rent-1")
    called_off = story.call_as_partner(f"/orders/{rental['id']}/revoke", status=200, key="x1", json={"reason": "无货"})
    assert called_off["state"] == "revoked"
    assert {o["state"] for o in story.call("GET", "/api/v1/me/orders", status=200)} == {"done", "revoked"}


def create_order(story: Story, entitlement: str, number: str) -> Any:
    code = story.call("GET", f"/api/v1/entitlements/{entitlement}/qr", status=200)["token"]
    new = {"out_order_no": number, "code": code, "deposit_fen": 20_000, "expected_hours": 2}
    return story.call_as_partner("/orders", status=201, key=number, json=new)


def complain_and_be_answered(story: Story) -> None:
    """From the sticker's page to the answer; each sees each step."""
    label = re.search(r"/portal/stickers/[0-9a-f-]+/png", story.operator.get("/portal/stickers").text)
    assert label
    drawn = Image.open(io.BytesIO(story.operator.get(label[0]).content))
    address = zxingcpp.read_barcodes(drawn)[0].text
    assert address.startswith(story.city.url.upper())
    sticker = address.removeprefix(story.city.url.upper())
    passer_by = Visitor(story.city.url)
    page = passer_by.read(sticker)
    assert story.shop["who"].split()[-1] in page
    assert passer_by.get(f"{sticker}/picture").headers["content-type"] == "image/jpeg"
    assert not re.search("绿码|黄码|橙码|红码|信用等级", page)
    shop = re.search(r'href="/m/([0-9A-Z]+)/complain"', passer_by.get(sticker).text)
    assert shop
    form = passer_by.get(f"/m/{shop[1]}/complain").text
    fields = {
        "once": field_of(form, "once"),
        "kind": "complaint",
        "category": "price",
        "text": "门口标价与收费不一致,多收了十元。",
        "phone": PHONE,
    }
    no_picture = {"pictures": ("a.jpg", b"not a picture", "image/jpeg")}
    passer_by.submit(f"/m/{shop[1]}/complain", f"/m/{shop[1]}/complain", fields, status=422, files=no_picture)
    evidence = {"pictures": ("a.jpg", picture(), "image/jpeg")}
    receipt = passer_by.submit(f"/m/{shop[1]}/complain", f"/m/{shop[1]}/complain", fields, files=evidence)
    number = str(receipt.url).rsplit("/", 1)[1]
    staff = Visitor(story.city.url)
    staff.sign_in_to_work("console", story.logins["he"])
    step(staff, "console", number, "accept")
    step(story.operator, "portal", number, "answer", "已核实,退还十元并更换价签。")
    assert story.call("GET", "/api/v1/me/complaints", status=200)[0]["state"] == "resolved"
    step(staff, "console", number, "conclude", "电话回访:已退款,消费者满意。")
    assert story.call("GET", "/api/v1/me/complaints", status=200)[0]["state"] == "confirmed"
    followed = passer_by.submit("/m/complaints", "/m/complaints", {"number": number, "phone": PHONE})
    for step_name in ("提交投诉", "受理", "商户答复", "回访后办结"):
        assert step_name in text_of(followed.text)


def step(who: Visitor, surface: str, number: str, act: str, text: str = "") -> None:
    """Take one step on a complaint, found by its number in the list."""
    listing = who.get(f"/{surface}/complaints").text
    for path in dict.fromkeys(re.findall(rf"/{surface}/complaints/[0-9a-f-]{{36}}", listing)):
        if number in who.get(path).text:
            who.submit(path, path, {"act": act, "text": text})
            return
    raise AssertionError(f"{number} is not on {surface}'s list")


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (640, 480), "#8ac").save(held, "JPEG")
    return held.getvalue()


def publish_a_list_and_contest_it(story: Story) -> None:
    """Made by one, approved by another, published masked, worth a reward, contested."""
    maker, reviewer = Visitor(story.city.url), Visitor(story.city.url)
    maker.sign_in_to_work("console", story.logins["lin"])
    reviewer.sign_in_to_work("console", story.logins["zhou"])
    name = story.call("GET", "/api/v1/me", status=200)["name"]
    fields = {"kind": "red-good-neighbour", "title": "十一月好人榜"}
    broken = f"姓名,身份证号,事迹\n{name},{IDENTITY},帮扶邻里\n,410611199001010001,无名\n"
    refused = maker.submit("/console/lists/new", "/console/lists/new", fields, files=sheet(broken))
    assert "1行可以导入,1行有问题" in text_of(refused.text)
    assert "十一月好人榜" not in maker.read("/console/lists")
    whole = f"姓名,身份证号,事迹\n{name},{IDENTITY},帮扶邻里\n"
    made = maker.submit("/console/lists/new", "/console/lists/new", fields, files=sheet(whole))
    path = str(made.url.path)
    maker.submit(path, f"{path}/submit", {})
    maker.submit(path, f"{path}/approve", {"turn": "1"}, status=403)
    reviewer.submit(path, f"{path}/approve", {"turn": "1"})
    public = Visitor(story.city.url).read("/lists/red-good-neighbour")
    assert IDENTITY not in public
    assert f"{name[0]}*" in public
    honor = story.call("GET", "/api/v1/me/honors", status=200)[0]
    assert honor["state"] == "published"
    held = story.call("GET", "/api/v1/me/entitlements", status=200)
    assert any(e["scenario"] == "checkup" and e["state"] == "issued" for e in held)
    story.call("POST", f"/api/v1/me/honors/{honor['id']}/objections", status=201, json={"reason": "事迹写错了"})
    found = httpx.post(
        f"{story.city.url}/api/v1/honor-lists/search", json={"name": name, "last_four": IDENTITY[-4:]}
    ).json()
    assert found == []


def sheet(text: str) -> dict[str, Any]:
    return {"sheet": ("list.csv", text.encode("utf-8-sig"), "text/csv")}


def survive_a_silent_bureau(story: Story) -> None:
    """Nothing new is granted without a fresh word; what was issued still works; complaints are still filed."""
    held = story.call("GET", "/api/v1/me/entitlements", status=200)
    voucher = next(e for e in held if e["scenario"] == "travel")
    story.switch_bureau({"mode": "down"})
    story.call("DELETE", CONSENT, status=204)
    give_consent(story)
    verdict = verdicts(story)["bookshop"]
    assert verdict["verdict"] == "unknown"
    assert "信用平台" in verdict["findings"][0]["reason"]
    pending = story.call("POST", "/api/v1/scenarios/bookshop/claims", status=202, key="claim-book")
    assert pending["state"] == "reserved"
    code = story.call("GET", f"/api/v1/entitlements/{voucher['id']}/qr", status=200)["token"]
    story.call_as_partner(
        "/redemptions", status=201, key="r9", json={"code": code, "price_fen": 5_000, "merchant": story.merchant}
    )
    stop = time.monotonic() + 60
    story.switch_bureau({"mode": "ok"})
    while story.held(pending["id"])["state"] != "issued":
        assert time.monotonic() < stop, "the pending claim was not settled"
        time.sleep(0.5)


def see_who_looked_and_withdraw(story: Story) -> None:
    """Every read is there with its consent; after the withdrawal the next one is refused, and that is there too."""
    reads = story.call("GET", "/api/v1/me/access-log", status=200)
    assert {read["outcome"] for read in reads} >= {"fresh", "cached", "unknown", "refused"}
    assert all(read["consent_id"] for read in reads if read["outcome"] != "refused")
    story.call("DELETE", CONSENT, status=204)
    story.call("GET", "/api/v1/me/credit", status=403)
    story.call("POST", "/api/v1/scenarios/pharmacy/claims", status=403, key="after")
    latest = story.call("GET", "/api/v1/me/access-log", status=200)[0]
    assert latest["outcome"] == "refused"

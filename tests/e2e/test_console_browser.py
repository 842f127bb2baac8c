"""The console in a real browser: an in-process server over moto's, Debian's Chromium."""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from riskstack.contract.application import Status
from tests.console_stand import Stand, create_stand, emulator, served
from tests.left_out import leave_out

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=400, height=800)

# as root and without a network; Chromium's own background connections are of no use to a test
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# WCAG 2.2, "contrast ratio": every text against the nearest opaque ground behind it
FAINT_TEXTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(
      node => node.nodeType === Node.TEXT_NODE && node.data.trim()))
    .map(e => {
      const lights = [rgba(getComputedStyle(e).color), ground(e)].map(luminance);
      const ratio = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
      return [e.textContent.trim().slice(0, 40), ratio];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        leave_out("the console in a browser", "no chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def dynamodb() -> Iterator["DynamoDBClient"]:
    with emulator() as client:
        yield client


@pytest.fixture
def stand(dynamodb: "DynamoDBClient") -> Stand:
    return create_stand(dynamodb)


@pytest.fixture
def url(stand: Stand) -> Iterator[str]:
    with served(stand.desk()) as address:
        yield address


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """A page signed in as Grace, on which nothing may be blocked, fail or be fetched elsewhere."""
    faults: list[str] = []
    with browser.new_context(base_url=url, viewport=DESKTOP) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on(
            "request",
            lambda request: None if request.url.startswith(url) else faults.append(request.url),
        )
        sign_in(page, "Grace")
        yield page
    assert faults == []


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Applications")).to_be_visible()


def test_an_auditor_takes_a_case_from_the_queue_to_its_decision(stand: Stand, page: Page) -> None:
    stand.put()
    page.goto("/")
    row = page.get_by_role("row", name="Ada Example")
    expect(row).to_contain_text("3 h 20 min")
    row.get_by_role("link", name="Ada Example").click()
    expect(page.get_by_role("listitem").filter(has_text="Debt is high")).to_contain_text("rule")
    page.get_by_role("button", name="Claim").click()
    page.get_by_label("Note").fill("Steady income.")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted by you")).to_be_visible()
    assert stand.item()["status"] == "accepted"


def test_the_browser_asks_for_the_note(stand: Stand, page: Page) -> None:
    stand.put(claimed_by="auditor:Grace", claimed_at="2026-03-02T11:00:00Z")
    page.goto("/applications/app-1")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_label("Note")).to_be_focused()
    assert stand.item()["version"] == 1


def test_of_two_auditors_one_is_first(stand: Stand, browser: Browser, url: str, page: Page) -> None:
    stand.put()
    page.goto("/applications/app-1")
    with browser.new_context(base_url=url) as context:
        other = context.new_page()
        sign_in(other, "Linus")
        other.goto("/applications/app-1")
        page.get_by_role("button", name="Claim").click()
        expect(page.get_by_text("You have claimed this")).to_be_visible()
        other.get_by_role("button", name="Claim").click()
        expect(other.get_by_role("alert")).to_contain_text("Grace was first")
        other.get_by_role("link", name="Open the application").click()
        expect(other.get_by_text("Grace has been reviewing this application")).to_be_visible()
        expect(other.get_by_role("button", name="Claim")).to_have_count(0)
    assert stand.item()["claimed_by"] == "auditor:Grace"


def test_the_keyboard_alone_is_enough_and_shows_where_it_is(stand: Stand, page: Page) -> None:
    stand.put()
    page.goto("/applications/app-1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    claim = page.get_by_role("button", name="Claim")
    for _ in range(5):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        if claim.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note")).to_be_visible()


def test_a_hostile_name_is_only_text(stand: Stand, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    stand.put(answers={"full_name": hostile})
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto("/")
    page.get_by_role("link", name=hostile).click()
    expect(page.get_by_role("heading", name=hostile)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_legible_and_fits(
    stand: Stand, page: Page, viewport: ViewportSize, scheme: str
) -> None:
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for number, band in enumerate(("low", "medium", "high")):
        name = "Wilhelmina" + "-Alexandrina" * number
        stand.put(f"app-{number}", band=band, score=Decimal("0.5"), answers={"full_name": name})
    stand.put("claimed", claimed_by="auditor:Grace", claimed_at="2026-03-02T11:00:00Z")
    stand.put("incomplete", Status.INCOMPLETE)
    stand.put("accepted", Status.ACCEPTED, decided_by="auditor:Linus", note="Word" * 100)
    paths = ["/sign-in", "/", "/?status=accepted", "/?status=incomplete", "/?status=received"]
    paths += [f"/applications/{name}" for name in ("app-0", "claimed", "incomplete", "accepted")]
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"], path
        assert page.evaluate(FAINT_TEXTS) == [], path

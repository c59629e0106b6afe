"""The switch of pushes in the page's settings, and the service worker that shows and opens them."""

import json

import pytest
from playwright.async_api import expect

from tests.support.people import Person, sign_up
from tests.support.scenarios.push import SUBSCRIPTIONS, Browser
from tests.support.service import Service
from tests.support.waiting import eventually
from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="package")

# The push service of the browser lies in another network: its answer is planted, all else is the browser's own.
PLANTED = """(keys) => {
  let made = null;
  const ended = async () => { made = null; return true; };
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 87) throw new TypeError('wrong options');
    made = { toJSON: () => ({ endpoint: 'https://push.example.net/1', keys }), unsubscribe: ended };
    return made;
  };
  PushManager.prototype.getSubscription = async () => made;
  Notification.requestPermission = async () => 'granted';
  Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
}"""
# Browsers without windows show nothing; what they would show is kept.
PUSH = """async (text) => {
  self.shown ??= [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, { body, tag, data }) => {
    self.shown = [...self.shown.filter((one) => one.tag !== tag), { title, body, tag, data, close: () => {} }];
  };
  let done = null;
  const waitUntil = (promise) => { done = promise; };
  self.dispatchEvent(Object.assign(new Event('push'), { waitUntil, data: { json: () => JSON.parse(text) } }));
  await done;
  return self.shown.map(({ title, body }) => [title, body]);
}"""
CLICK = """async () => {
  const [notification] = self.shown;
  const waitUntil = (promise) => promise.catch(() => {});
  self.dispatchEvent(Object.assign(new Event('notificationclick'), { waitUntil, notification }));
}"""


async def test_switch_subscribes_and_a_click_opens_what_was_pushed(service: Service, visiting: Visiting) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    tweet_id = await bob.post("Three herons")
    visit = await visiting(alice, "/welcome")
    page = visit.page
    await page.add_init_script(f"({PLANTED})({json.dumps(Browser().keys)})")
    await visit.open("/settings/notifications")
    switch = page.get_by_role("switch", name="Tell this device")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await eventually(lambda: are_subscribed(alice, 1), within=20.0)
    await expect(switch).to_be_checked()

    (worker,) = page.context.service_workers
    message = {"title": "bob liked your tweet", "body": "Three herons", "path": f"/tweets/{tweet_id}", "tag": "one"}
    assert await worker.evaluate(PUSH, json.dumps(message)) == [["bob liked your tweet", "Three herons"]]
    again = {**message, "title": "carol and 1 other liked your tweet"}
    assert await worker.evaluate(PUSH, json.dumps(again)) == [[again["title"], "Three herons"]]
    assert await worker.evaluate(PUSH, "no JSON") == [[again["title"], "Three herons"], ["Rookery", ""]]
    await worker.evaluate(CLICK)
    await expect(page.get_by_role("main").get_by_text("Three herons")).to_be_visible()

    await visit.open("/settings/notifications")
    await expect(switch).to_be_checked()
    await switch.click()
    await eventually(lambda: are_subscribed(alice, 0), within=20.0)
    await expect(switch).not_to_be_checked()


async def are_subscribed(person: Person, count: int) -> bool:
    found = (await person.ask(SUBSCRIPTIONS))["viewer"]["pushSubscriptions"]
    return len(found) == count

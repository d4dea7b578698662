// The sandbox's pages as a person uses them: Chromium, scripts off, by mouse and by keyboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasBrowser, kEnter, kSpace, kTab, startBrowser } from './lib/browser.mjs';
import { eventually } from './lib/delivery.mjs';
import { startLater } from './lib/later.mjs';
import {
  cardOf,
  kChallenged,
  outcome,
  paymentOf,
  shopClientOf,
  startShop,
} from './lib/rcommerce.mjs';
import { startSink } from './lib/sink.mjs';

const skip = hasBrowser ? false : 'no chromedriver; POSTERN_CHROMEDRIVER names one';
const kHalfAnHourSeconds = 1_800;

// Every kind of page, and how a payment comes to it.
const kPages = {
  'a challenge': {
    body: { currency: 'USD', payment_method: cardOf(kChallenged) },
    title: 'Is this you?',
    chinese: '请验证本次付款',
    shows: /Visa •••• 3155/,
  },
  'a cashier': {
    body: { gateway: 'alipay', currency: 'CNY', payment_method: { type: 'alipay' } },
    title: 'Pay with Alipay',
    chinese: '支付宝付款',
    shows: /Pay with Alipay/,
  },
  'a code': {
    body: { gateway: 'wechatpay', currency: 'CNY', payment_method: { type: 'wechat_pay' } },
    title: 'Pay with WeChat Pay',
    chinese: '微信支付',
    shows: /<svg /,
  },
};

async function ask(api, page, more = {}) {
  const order = { amount: '19.99', order_id: 'order "7" <b>' };
  const asked = await outcome(api, kChallenged, { ...order, ...page.body, ...more });
  assert.equal(asked.type, 'requires_action');
  return { id: asked.payment_id, url: asked.action_data.redirect_url };
}

const statusOf = async (api, id) => (await paymentOf(api, id)).status;
const titled = (browser, title) =>
  eventually(`the page “${title}”`, async () => (await browser.title()) === title);

const arrivalAt = (browser, path) =>
  eventually('the shop', async () => {
    const url = new URL(await browser.url());
    return url.pathname === path && url;
  });

test('a customer clicks through every kind of page', { skip }, async (t) => {
  const shop = await startSink(t);
  const { api } = await startShop(t);
  const browser = await startBrowser(t);
  const outcomes = { succeeded: 'Approved', failed: 'Declined', abandoned: 'Declined' };
  for (const [name, page] of Object.entries(kPages)) {
    for (const [choice, notice] of Object.entries(outcomes)) {
      const status = choice === 'succeeded' ? 'succeeded' : 'failed';
      await t.test(`${name} that is ${choice}`, async () => {
        const asked = await ask(api, page);
        await browser.open(asked.url);
        assert.equal(await browser.title(), page.title);
        const source = await browser.source();
        assert.match(source, page.shows);
        assert.match(source, /19\.99 (USD|CNY)/);
        assert.match(source, /order "7" &lt;b&gt;/);
        assert.deepEqual(await browser.complaints(), []);
        assert.equal(await statusOf(api, asked.id), 'pending');
        await browser.click(`button[value=${choice}]`);
        await titled(browser, notice);
        assert.equal(await statusOf(api, asked.id), status);
      });
      await t.test(`${name} that is ${choice} leads back to the shop`, async () => {
        const asked = await ask(api, page, { return_url: shop.url('/done?a=1') });
        await browser.open(asked.url);
        await browser.click(`button[value=${choice}]`);
        const { searchParams: told } = await arrivalAt(browser, '/done');
        assert.deepEqual([told.get('a'), told.get('redirect_status')], ['1', status]);
        const payment = await paymentOf(api, asked.id);
        assert.equal(told.get('payment_intent'), payment.transaction_id);
        assert.equal(told.get('payment_intent_client_secret'), payment.client_secret);
        assert.equal(payment.status, status);
      });
    }
  }
});

test('a page is used once', { skip }, async (t) => {
  const { api } = await startShop(t);
  const browser = await startBrowser(t);
  for (const [name, page] of Object.entries(kPages)) {
    await t.test(`${name}, opened again`, async () => {
      const asked = await ask(api, page);
      await browser.open(asked.url);
      await browser.click('button[value=succeeded]');
      await titled(browser, 'Approved');
      await browser.open(asked.url);
      await titled(browser, 'Nothing to decide here');
      assert.equal(await statusOf(api, asked.id), 'succeeded');
    });
    await t.test(`${name}, in two windows`, async () => {
      const asked = await ask(api, page);
      await browser.open(asked.url);
      const elsewhere = await api.post(new URL(asked.url).pathname, 'outcome=failed', {
        key: null,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      assert.equal(elsewhere.status, 200);
      await browser.click('button[value=succeeded]');
      await titled(browser, 'Nothing to decide here');
      assert.equal(await statusOf(api, asked.id), 'failed');
    });
  }
  await t.test('a page that never was', async () => {
    const { url } = await ask(api, kPages['a challenge']);
    // The last digit of a true one is determined by the others.
    await browser.open(url.slice(0, -1) + (url.endsWith('0') ? '1' : '0'));
    await titled(browser, 'No such page');
  });
});

test('the keyboard is enough', { skip }, async (t) => {
  const { api } = await startShop(t);
  const browser = await startBrowser(t);
  const keys = {
    succeeded: [kTab],
    failed: [kTab, kTab],
    abandoned: [kTab, kTab, kTab],
  };
  for (const [name, page] of Object.entries(kPages)) {
    for (const [choice, way] of Object.entries(keys)) {
      await t.test(`${name} that is ${choice}`, async () => {
        const asked = await ask(api, page);
        await browser.open(asked.url);
        await browser.press(...way);
        assert.equal(await browser.focused(), choice);
        await browser.press(choice === 'failed' ? kSpace : kEnter);
        await titled(browser, choice === 'succeeded' ? 'Approved' : 'Declined');
        const status = choice === 'succeeded' ? 'succeeded' : 'failed';
        assert.equal(await statusOf(api, asked.id), status);
      });
    }
  }
});

test('a page is read in Chinese, and on a phone', { skip }, async (t) => {
  const { api } = await startShop(t);
  const browser = await startBrowser(t, { language: 'zh-CN' });
  await browser.resize({ width: 360, height: 640 });
  for (const [name, page] of Object.entries(kPages)) {
    await t.test(name, async () => {
      const asked = await ask(api, page);
      await browser.open(asked.url);
      assert.equal(await browser.title(), page.chinese);
      assert.match(await browser.source(), /<html lang="zh-CN"/);
      assert.equal(await browser.text('button[value=succeeded]'), '同意付款');
      for (const part of ['main', 'button[value=succeeded]', 'button[value=abandoned]']) {
        const { x, width } = await browser.place(part);
        assert.ok(x >= 0 && width > 200, `${part} ${x} ${width}`);
      }
      assert.deepEqual(await browser.complaints(), []);
      await browser.click('button[value=succeeded]');
      await titled(browser, '已同意');
      assert.equal(await statusOf(api, asked.id), 'succeeded');
    });
  }
});

test('scripts are off, so what works here works for everybody', { skip }, async (t) => {
  const scripted = '<title>plain</title><script>document.title = "scripted"</script>';
  const answer = () => ({ headers: { 'content-type': 'text/html' }, body: scripted });
  const page = await startSink(t, { answer });
  const browser = await startBrowser(t);
  await browser.open(page.url('/'));
  assert.equal(await browser.title(), 'plain');
});

test('a page that waited too long says so', { skip }, async (t) => {
  const { daemon, api } = await startShop(t);
  const asked = [];
  for (const [name, page] of Object.entries(kPages)) asked.push([name, await ask(api, page)]);
  await daemon.stop();
  const later = await startLater(t, { folder: daemon.folder, seconds: kHalfAnHourSeconds });
  const after = shopClientOf(later);
  const browser = await startBrowser(t);
  for (const [name, { id, url }] of asked) {
    await t.test(name, async () => {
      await browser.open(`http://${later.listen}${new URL(url).pathname}`);
      await titled(browser, 'Time is up');
      await eventually('the end of the payment', async () => {
        const { status } = await paymentOf(after, id);
        return status === 'failed';
      });
      const { json: end } = await after.post(`/api/v1/payments/${id}/complete`, null, {
        status: 402,
      });
      assert.deepEqual([end.type, end.retry_allowed], ['failed', true]);
    });
  }
});

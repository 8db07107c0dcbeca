// A real browser, and what it saw: each page's answer, and whoever answered.

import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

export const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'].find(existsSync);
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs `use` with a browser of a new, empty profile. */
export async function withBrowser(use, more = []) {
  const browser = await chromium.launch({ executablePath: PROGRAM, headless: true, args: [...FLAGS, ...more] });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** A tab of somebody new, with the documents that were sent to it and what went wrong on a server. */
export async function visit(browser, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const [seen, failed] = [[], []];
  page.on('response', (answer) => {
    if (answer.status() >= 500) failed.push(`${answer.status()} ${answer.url()}`);
    if (answer.request().isNavigationRequest()) {
      seen.push({ url: answer.url(), by: answer.headers()['tokenhouse-process'] });
    }
  });
  return { context, page, seen, failed };
}

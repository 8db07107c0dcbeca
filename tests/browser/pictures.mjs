// Makes the pictures of docs/pages.md and the README anew: `make pictures`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { visit, withBrowser } from './browser.mjs';
import { everything } from './flows.mjs';
import { inFolder, ROOT } from './processes.mjs';
import { Alone } from './worlds.mjs';

const FOLDER = join(ROOT, 'docs/pages');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1200, height: 900 };

/** What is pictured, by the step at which it is there: the file, and how it is looked at. */
const PICTURES = {
  en: {
    setup: [{ file: 'setup', viewport: DESK }],
    login: [{ file: 'login', viewport: PHONE }],
    'register-refused': [{ file: 'register-refused-dark', viewport: PHONE, colorScheme: 'dark' }],
    recover: [{ file: 'recover', viewport: PHONE }],
    reset: [{ file: 'reset-dark', viewport: PHONE, colorScheme: 'dark' }],
    confirm: [{ file: 'confirm', viewport: PHONE }],
    'email-asked': [{ file: 'account', viewport: DESK }],
    devices: [{ file: 'devices-dark', viewport: DESK, colorScheme: 'dark' }],
    leaving: [{ file: 'leaving', viewport: PHONE }],
    'reset-used': [{ file: 'reset-used', viewport: PHONE }],
  },
  ar: {
    login: [{ file: 'login-arabic', viewport: PHONE }],
    invitation: [{ file: 'invitation-arabic', viewport: PHONE }],
  },
};

mkdirSync(FOLDER, { recursive: true });
for (const [locale, wanted] of Object.entries(PICTURES)) {
  await inFolder((folder) =>
    withBrowser(async (browser) => {
      const world = await Alone.start(folder);
      try {
        const tab = { ...(await visit(browser, { locale, viewport: DESK, reducedMotion: 'reduce' })), scripts: true, locale };
        await everything(world, tab, async (name, { page }) => {
          for (const { file, viewport, colorScheme } of wanted[name] ?? []) {
            await page.emulateMedia({ colorScheme: colorScheme ?? 'light' });
            await page.setViewportSize(viewport);
            await page.screenshot({ path: join(FOLDER, `${file}.png`), fullPage: true, animations: 'disabled' });
          }
          await page.emulateMedia({ colorScheme: 'light' });
          await page.setViewportSize(DESK);
        });
      } finally {
        await world.end();
      }
    }),
  );
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { isInstalled } from '../support/required.js';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = PATHS.find((path) => existsSync(path));

export const hasBrowser = isInstalled(executablePath !== undefined, 'chromium');

/** A real browser, without a network of its own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

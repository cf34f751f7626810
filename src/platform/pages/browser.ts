import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pages } from '../../domain/ports/pages.js';
import { capture } from '../processes/capture.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const TIMEOUT_MS = 60_000;

/** The first of the usual browsers on the PATH. */
function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Without a network, and with a profile of its own that is removed. */
const flags = (profile: string): readonly string[] => [
  '--headless',
  // Chromium refuses to run as root with its sandbox, as in most containers. The page is refit's own and fetches nothing.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--hide-scrollbars',
  '--force-device-scale-factor=2',
  `--user-data-dir=${profile}`,
];

/** Takes a picture of a page with a browser of the machine. `folder`: where its files may lie. */
export const createPicture =
  (folder: () => string): Pages['picture'] =>
  async (html, { width, height, to }) => {
    const browser = findBrowser();
    if (browser === undefined) return `no browser is on the PATH (${NAMES.join(', ')})`;
    const own = mkdtempSync(join(folder(), 'picture-'));
    try {
      const [page, png] = [join(own, 'page.html'), join(own, 'page.png')];
      writeFileSync(page, html);
      const { exitCode, stderr } = await capture(
        browser,
        [
          ...flags(join(own, 'profile')),
          `--window-size=${width},${height}`,
          `--screenshot=${png}`,
          pathToFileURL(page).href,
        ],
        { timeoutMs: TIMEOUT_MS },
      );
      if (exitCode !== 0 || !existsSync(png))
        return `${browser} made no picture: ${stderr.trim().split('\n').at(-1) || 'it took too long'}`;
      writeFileSync(to, readFileSync(png));
      return undefined;
    } finally {
      rmSync(own, { recursive: true, force: true, maxRetries: 5 });
    }
  };

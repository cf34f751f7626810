import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMonitored, MONITORED_NOW } from '../report/monitored.js';
import type { Rig } from '../support/rig.js';
import { hasBrowser, openBrowser } from './open-browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Screenshots, for people to look at. Ignored by git. */
const SCREENSHOTS = 'reports/screenshots';

let rig: Rig;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  rig = await createMonitored({ columns: 10 });
  browser = await openBrowser();
  const made = await rig.refit('report', 'rides', '-o', 'report.html', '--now', MONITORED_NOW);
  expect(made.stderr).not.toMatch(/error/);
  mkdirSync(SCREENSHOTS, { recursive: true });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  rig?.[Symbol.dispose]();
});

interface Opened {
  readonly page: Page;
  /** What went wrong or left the page: errors of the console and of scripts, requests of any kind. */
  readonly troubles: readonly string[];
}

async function open(address: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, ...options });
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', (error) => void troubles.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(address.replace(/[^/]*$/, ''))) troubles.push(request.url());
  });
  await page.goto(address);
  return { page, troubles };
}

const file = (): string => `file://${join(rig.root, 'report.html')}`;

describe.skipIf(!hasBrowser)('a report page in a browser', () => {
  it.each([
    ['light', 1100],
    ['dark', 1100],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'shows every section in %s colours at %i pixels, without an error and without a request',
    async (colorScheme, width) => {
      const { page, troubles } = await open(file(), { colorScheme, viewport: { width, height: 900 } });
      const titles = await page.locator('main h2').allTextContents();
      expect(titles).toEqual([
        'What serves now',
        'What has happened',
        'Performance',
        'Drift',
        'Data findings and events',
        'What the champion was made from',
        'Runs',
        'Delivery',
      ]);
      const isWiderThanScreen = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      expect(isWiderThanScreen).toBe(false);
      await page.screenshot({ path: `${SCREENSHOTS}/report-${colorScheme}-${width}.png`, fullPage: true });
      expect(troubles).toEqual([]);
      await page.close();
    },
  );

  it('lets no name and no value of a file become part of the page', async () => {
    const { page } = await open(file());
    expect(await page.evaluate('globalThis.owned')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.textContent('header p')).toContain('<img src=x onerror=');
    await page.close();
  });

  it('shows the facts of a node of the lineage graph by click and by key, and zooms', async () => {
    const { page, troubles } = await open(file());
    const model = page.locator('svg.graph .node.model');
    await model.click();
    expect(await page.textContent('output.facts')).toMatch(/^model rides@\d/);
    await page.locator('svg.graph .node.step').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.textContent('output.facts')).toMatch(/^step /);
    const box = () => page.locator('svg.graph').getAttribute('viewBox');
    const before = await box();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await box()).not.toBe(before);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await box()).toBe(before);
    expect(troubles).toEqual([]);
    await page.close();
  });

  it('finds a column by its name', async () => {
    const { page } = await open(file());
    await page.getByLabel('Show columns named').fill('speed');
    expect(await page.locator('[data-column]:visible strong').allTextContents()).toEqual(['speed']);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no fault that axe calls serious, in %s colours', async (colorScheme) => {
    const { page } = await open(file(), { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: AXE });
    const found = (await page.evaluate('axe.run()')) as {
      readonly passes: readonly unknown[];
      readonly violations: readonly {
        readonly id: string;
        readonly impact: string;
        readonly nodes: readonly { readonly html: string }[];
      }[];
    };
    expect(found.passes.length).toBeGreaterThan(10);
    const grave = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.close();
  });

  it('draws one figure as a picture', async () => {
    const made = await rig.refit('report', 'rides', '--png', 'performance', '-o', 'p.png', '--now', MONITORED_NOW);
    expect(made).toMatchObject({ exit: 0 });
    const { page } = await open(`file://${rig.root}/p.png`);
    expect(await page.evaluate('document.images[0].naturalWidth')).toBe(1920);
    await page.close();
  });

  it('is served while things happen, and then loads itself again', async () => {
    const serving = rig.start('report', 'rides', '--serve', '--now', MONITORED_NOW);
    const address = /http:\S+/.exec(await serving.said('until ^C'))?.[0] ?? '';
    const { page, troubles } = await open(address);
    const before = await page.locator('#runs tbody tr').count();
    const isKnown = page.waitForResponse((response) => response.url().endsWith('/state'));
    await isKnown;
    await rig.refit('run', 'rides', '--force', '--now', MONITORED_NOW);
    await page.locator('#runs tbody tr').nth(before).waitFor();
    expect(troubles).toEqual([]);
    await page.close();
    serving.kill('SIGINT');
    expect((await serving.ended).exit).toBe(130);
  });
});

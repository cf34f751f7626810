import type { Check } from '../domain/check.js';
import type { Failure } from '../domain/failure.js';
import { type Instant, toIso } from '../domain/support/time.js';
import { failureText } from './parts/failure-text.js';
import { printable } from './parts/printable.js';

export interface JUnitReport {
  readonly command: string;
  readonly checks: readonly Check[];
  /** What ended the command, or failed beside its answer. */
  readonly failures: readonly Failure[];
  readonly startedAt: Instant;
  readonly durationMs: number;
}

/** Text as XML, in which every character is allowed: control characters and halves of pairs are shown as escapes. */
const xml = (text: string): string =>
  printable(text)
    .replaceAll(/[\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const attributes = (given: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(given)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${xml(String(value))}"`))
    .join('');

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

interface Case {
  readonly group: string;
  readonly text: string;
  readonly outcome: Check['outcome'] | 'error';
  readonly durationMs: number;
}

/** Checks in the form of JUnit, which GitLab, Jenkins and GitHub actions show as tests. A suite for each group. */
export function junitText({ command, checks, failures, startedAt, durationMs }: JUnitReport): string {
  const cases = [
    ...checks.map((check) => caseOf(check, command)),
    ...failures.map((failure) => errorCase(failure, command)),
  ];
  const groups = [...new Set(cases.map(({ group }) => group))];
  // The schema has no number of skipped cases here, only for each suite.
  const { skipped: _, ...counts } = countsOf(cases);
  const head = attributes({ name: `refit ${command}`, ...counts, time: seconds(durationMs) });
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${head}>`,
    ...groups.flatMap((group) =>
      suite(
        group,
        cases.filter((one) => one.group === group),
        startedAt,
      ),
    ),
    '</testsuites>',
  ].join('\n')}\n`;
}

function suite(group: string, cases: readonly Case[], startedAt: Instant): readonly string[] {
  const time = cases.reduce((sum, { durationMs }) => sum + durationMs, 0);
  // The schemas of JUnit know no zone and no fractions.
  const timestamp = toIso(startedAt).slice(0, 19);
  const head = attributes({ name: group, ...countsOf(cases), time: seconds(time), timestamp });
  return [`  <testsuite${head}>`, ...cases.map(({ text }) => text), '  </testsuite>'];
}

const countsOf = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ outcome }) => outcome === 'fail').length,
  errors: cases.filter(({ outcome }) => outcome === 'error').length,
  skipped: cases.filter(({ outcome }) => outcome === 'skipped').length,
});

function caseOf({ group, name, outcome, detail, at, durationMs = 0 }: Check, command: string): Case {
  const where = at === undefined ? '' : `${at.file}:${at.line}: `;
  const head = `    <testcase${attributes({ classname: `refit.${command}.${group}`, name, time: seconds(durationMs) })}`;
  const inner = {
    pass: '/>',
    skipped: `><skipped${attributes({ message: detail })}/></testcase>`,
    fail: `><failure${attributes({ message: detail, type: 'check' })}>${xml(`${where}${detail}`)}</failure></testcase>`,
  }[outcome];
  return { group, outcome, durationMs, text: `${head}${inner}` };
}

function errorCase(failure: Failure, command: string): Case {
  const { what, lines = [], next } = failureText(failure);
  const group = `${command}: errors`;
  const head = attributes({ classname: `refit.${command}.errors`, name: nameOf(failure), time: seconds(0) });
  const text = [what, ...lines, `→ ${next}`].map(xml).join('\n');
  const error = `<error${attributes({ message: what, type: failure.code })}>${text}</error>`;
  return { group, outcome: 'error', durationMs: 0, text: `    <testcase${head}>${error}</testcase>` };
}

const nameOf = (failure: Failure): string => ('step' in failure ? `${failure.code} ${failure.step}` : failure.code);

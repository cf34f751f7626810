import { execFileSync } from 'node:child_process';
import { isInstalled } from '../support/required.js';

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Element[];
}

/** Reads XML with expat, which refuses what the standard refuses, characters included. */
const READER = `
import json, sys, xml.etree.ElementTree as tree
def plain(e): return {"tag": e.tag, "attributes": e.attrib, "text": e.text or "", "children": [plain(c) for c in e]}
print(json.dumps(plain(tree.fromstring(sys.stdin.buffer.read()))))
`;

function canRead(): boolean {
  try {
    execFileSync('python3', ['-c', 'import xml.etree.ElementTree'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const hasReader = isInstalled(canRead(), 'python3');

/** What junit-10.xsd of the Jenkins plugin xUnit allows: attributes, and in brackets those that it requires. */
const ALLOWED: Readonly<Record<string, { readonly attributes: RegExp; readonly required: readonly string[] }>> = {
  testsuites: { attributes: /^(name|time|tests|failures|errors)$/, required: [] },
  testsuite: {
    attributes: /^(name|tests|failures|errors|group|time|skipped|timestamp|hostname|id|package|file|log|url)$/,
    required: ['name', 'tests', 'failures', 'errors'],
  },
  testcase: { attributes: /^(name|time|classname|group)$/, required: ['name'] },
  failure: { attributes: /^(type|message)$/, required: [] },
  error: { attributes: /^(type|message)$/, required: [] },
  skipped: { attributes: /^(type|message)$/, required: [] },
};

const INSIDE: Readonly<Record<string, RegExp>> = {
  testsuites: /^testsuite$/,
  testsuite: /^testcase$/,
  testcase: /^(skipped|error|failure)$/,
};

function faultsOf({ tag, attributes, children }: Element): readonly string[] {
  const rule = ALLOWED[tag];
  if (rule === undefined) return [`<${tag}> is not known`];
  return [
    ...Object.keys(attributes)
      .filter((name) => !rule.attributes.test(name))
      .map((name) => `<${tag}> has no ${name}`),
    ...rule.required.filter((name) => attributes[name] === undefined).map((name) => `<${tag}> lacks ${name}`),
    ...(attributes.time === undefined || /^\d+\.\d{3}$/.test(attributes.time) ? [] : [`time ${attributes.time}`]),
    ...['tests', 'failures', 'errors', 'skipped']
      .filter((name) => attributes[name] !== undefined && !/^\d+$/.test(attributes[name] ?? ''))
      .map((name) => `${name} is no number`),
    ...children.filter((child) => INSIDE[tag]?.test(child.tag) !== true).map((child) => `<${child.tag}> in <${tag}>`),
    ...children.flatMap(faultsOf),
  ];
}

export interface JUnitCase {
  readonly suite: string;
  readonly name: string;
  readonly outcome: string;
  readonly message: string;
}

/** The cases of a report, whose form and counts are right. */
export function readJUnit(xml: string): { readonly faults: readonly string[]; readonly cases: readonly JUnitCase[] } {
  const root: Element = JSON.parse(execFileSync('python3', ['-c', READER], { input: xml }).toString());
  const cases = root.children.flatMap((suite) =>
    suite.children.map((one) => ({
      suite: suite.attributes.name ?? '',
      name: one.attributes.name ?? '',
      outcome: one.children[0]?.tag ?? 'pass',
      message: one.children[0]?.attributes.message ?? '',
    })),
  );
  const counted = [root, ...root.children].flatMap(({ tag, attributes }) => {
    const own = cases.filter(({ suite }) => tag === 'testsuites' || suite === attributes.name);
    const isRight = (name: string, outcome: string): boolean =>
      Number(attributes[name]) === own.filter((one) => one.outcome === outcome).length;
    return Number(attributes.tests) === own.length && isRight('failures', 'failure') && isRight('errors', 'error')
      ? []
      : [`the counts of <${tag} name="${attributes.name}"> are wrong`];
  });
  return { faults: [...faultsOf(root), ...counted], cases };
}

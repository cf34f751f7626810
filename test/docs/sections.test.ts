import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

/** Each of these starts the program some twenty times. */
const TIMEOUT_MS = 240_000;

const readme = readFileSync('README.md', 'utf8');

it(
  'has the help, the schema and the session of the built program (else: npm run docs)',
  async () => {
    const checked = await promisify(execFile)(process.execPath, ['scripts/docs.js', '--check']).catch((error) => error);
    expect(checked.stderr).toBe('');
  },
  TIMEOUT_MS,
);

/** The fields of a document as the README's table names them: those in backticks. */
function documented(command: string): readonly string[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| ${command} |`));
  if (row === undefined) throw new Error(`README.md does not document the JSON of ${command}`);
  return [...row.matchAll(/`([a-z_]+)(?:\[\])?`/g)].map((match) => match[1] ?? '').sort();
}

const fieldsOf = ({ schema_version, command, ...fields }: Document): readonly string[] => Object.keys(fields).sort();

it(
  'names the fields of every JSON document',
  async () => {
    using rig = createRig();
    const look = async (command: string, ...args: readonly string[]): Promise<Document> => {
      const document = await rig.json(0, ...args);
      expect({ command, fields: fieldsOf(document) }).toEqual({ command, fields: documented(command) });
      return document;
    };
    await look('init', 'init', '.', '--template', 'node');
    await look('validate', 'validate');
    await look('plan', 'plan', 'hello');
    await look('run', 'run', 'hello');
    await look('promote', 'promote', 'hello@1', '--reason', 'first');
    await look('status', 'status');
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv') });
    await look('check-data', 'check-data', 'hello');
    await look('check-drift', 'check-drift', 'hello', '--exit-zero');
    const { id } = await look('retrain', 'retrain', 'hello');
    await look('retrain --all', 'retrain', '--all');
    await look('decisions', 'decisions');
    await look('delivery', 'delivery');
    await look('notify', 'notify');
    await look('pause, resume, review', 'review', 'hello', '--reason', 'seen');
    await look('rollback', 'rollback', 'hello', '--reason', 'back');
    await look('why, of a version or run', 'why', 'hello@2');
    await look('why, of a decision', 'why', id);
    await look('why, of another file', 'why', 'hello/february.csv');
    await look('runs', 'runs');
    await look('show', 'show', 'latest');
    await look('logs', 'logs', 'latest');
    await look('metrics', 'metrics', 'hello');
    await look('models', 'models');
    await look('served', 'served', 'hello');
    await look('note', 'note', 'hello', 'for the test');
    await look('push', 'push', './remote');
    await look('pull', 'pull', './remote');
  },
  TIMEOUT_MS,
);

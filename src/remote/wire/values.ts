import { z } from 'zod';
import { parseInstant } from '../../domain/support/time.js';

/** Values of one column as they travel. Every kind of fact is built from these, so each form is checked in one place. */

/** Largest text of a reason, a note, a detail: what a person writes, not a file. */
const MOST_TEXT = 1_000_000;
/** Names of models, pipelines, steps, metrics, datasets. Matrix steps have `@`, `=` and commas in theirs. */
const MOST_NAME = 500;

export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'not a hash: 64 hexadecimal digits');
export const text = z.string().max(MOST_TEXT);
/** The rule of pipeline files: it can be part of a path and of a command line. */
export const name = z
  .string()
  .max(MOST_NAME)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'not a name: letters, digits, "-", "_" and "." only');
// Control characters never belong in a name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;
/** The name of a step with its matrix values, a metric, a dataset, a column: one line. */
export const label = z
  .string()
  .min(1)
  .max(MOST_NAME)
  .refine((value) => !CONTROL.test(value), 'not a name: it has control characters');
/** Six digits at the end, twelve of a run that was imported. */
export const runId = z.string().regex(/^\d{8}-\d{6}-[0-9a-f]{6}(?:[0-9a-f]{6})?$/, 'not the id of a run');
export const decisionId = z.string().regex(/^d-\d{8}-\d{6}-[0-9a-f]{6}$/, 'not the id of a decision');
export const findingId = z.string().regex(/^f-[0-9a-f]{8}$/, 'not the id of a finding');
export const time = z
  .string()
  .max(40)
  .refine((value) => parseInstant(value) !== undefined, 'not a time');
export const count = z.int().min(0);
export const number = z.int().min(1).max(1_000_000_000);
export const flag = z.union([z.literal(0), z.literal(1)]);
export const artifactKind = z.enum(['file', 'folder']);

/** A path below the workspace root, with `/`, without `.` or `..` segments. Nothing of refit's or git's own folder. */
export const workspacePath = z.string().min(1).max(4096).refine(isWorkspacePath, 'not a path inside the workspace');

function isWorkspacePath(path: string): boolean {
  if (CONTROL.test(path) || path.includes('\\')) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A log below refit's own folder of logs: `refit logs` prints what lies there. */
export const logPath = workspacePath.refine((path) => path.startsWith('.refit/logs/'), 'not a log of refit');

/** A column that holds JSON: the text is kept as it came, its value must have the form. */
export const json = <T extends z.ZodType>(form: T) =>
  z.string().superRefine((value, context) => {
    const parsed = jsonOf(value);
    const checked = parsed === undefined ? undefined : form.safeParse(parsed.value);
    if (checked === undefined) context.addIssue({ code: 'custom', message: 'not JSON' });
    else if (!checked.success)
      for (const { path, message } of checked.error.issues.slice(0, 1))
        context.addIssue({ code: 'custom', message: `${path.join('.')}: ${message}` });
  });

/** Deeper than anything refit writes, and far from what exhausts the stack. */
const MOST_DEPTH = 200;

/** Parses JSON that is not nested too deeply. `undefined` for anything else. */
export function jsonOf(source: string): { readonly value: unknown } | undefined {
  if (isTooDeep(source)) return undefined;
  try {
    return { value: JSON.parse(source) };
  } catch {
    return undefined;
  }
}

function isTooDeep(source: string): boolean {
  let [depth, isQuoted] = [0, false];
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    if (isQuoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22) isQuoted = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MOST_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

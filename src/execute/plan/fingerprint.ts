import { hash } from 'node:crypto';
import type { Fingerprint } from '../../domain/ids.js';
import type { Command, Step, Template } from '../../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../../domain/pipeline/plan.js';
import { spell } from '../../pipeline/parse/template.js';
import { templatesOf } from '../../pipeline/starts-from.js';

/** Facts that a fingerprint needs from outside the pipeline file. Hashes are of content. */
export interface FingerprintFacts {
  /** Param name to its value as JSON text, only those that the step declares or uses. */
  readonly params: Readonly<Record<string, string>>;
  /** Declared environment, `from` resolved. */
  readonly env: Readonly<Record<string, string>>;
  /** `input:<path>` and `dataset:<name>:<path>` to content hash, `dataset-cut:<name>` to the cut. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly platform: string;
  /** Hash of the content of the step's image; absent in a plan where no run has found it yet. */
  readonly imageId?: string;
  /** Packages of the step's environment by name; absent without one. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Values that count only if the command uses them. */
  readonly now: string;
  readonly since: string;
  readonly runId: string;
}

/** Flat components of a step's fingerprint; see FINGERPRINT.md. */
export function fingerprintParts(step: Step, facts: FingerprintFacts): FingerprintParts {
  const used = new Set(
    templatesOf(step.command).flatMap((t) => t.flatMap((p) => (p.kind === 'value' ? [p.ref.kind] : []))),
  );
  return {
    command: commandText(step.command),
    platform: facts.platform,
    ...prefixed('param:', facts.params),
    ...prefixed('matrix:', Object.fromEntries(Object.entries(step.matrix).map(([k, v]) => [k, JSON.stringify(v)]))),
    ...prefixed('env:', facts.env),
    ...prefixed('package:', facts.packages ?? {}),
    ...facts.inputs,
    ...Object.fromEntries(step.outputs.map((output, i) => [`output:${output.name ?? i}`, output.path])),
    // The paths of several files are joined by a sign that no path has.
    ...(step.metricsPaths.length === 0 ? {} : { metrics: step.metricsPaths.join('\n') }),
    ...(step.image === undefined ? {} : { image: step.image }),
    ...(facts.imageId === undefined ? {} : { 'image-id': facts.imageId }),
    ...(used.has('now') ? { now: facts.now } : {}),
    ...(used.has('trigger-since') ? { since: facts.since } : {}),
    ...(used.has('run-id') ? { 'run-id': facts.runId } : {}),
  };
}

const known = new WeakMap<FingerprintParts, Fingerprint>();

/** The order of the parts does not matter: they are sorted by code unit. The result is cached per parts object. */
export function fingerprintOf(parts: FingerprintParts): Fingerprint {
  const fingerprint = known.get(parts) ?? compute(parts);
  known.set(parts, fingerprint);
  return fingerprint;
}

function compute(parts: FingerprintParts): Fingerprint {
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify({ v: 1, parts: sorted }), 'hex') as Fingerprint;
}

/** Values appear by name here: what they stand for has parts of its own. */
export const commandText = (command: Command): string =>
  command.kind === 'shell' ? spellTemplate(command.script) : JSON.stringify(command.words.map(spellTemplate));

const spellTemplate = (template: Template): string =>
  template.map((part) => (part.kind === 'text' ? part.text : `\${{ ${spell(part.ref)} }}`)).join('');

const prefixed = (prefix: string, values: Readonly<Record<string, string>>): FingerprintParts =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]));

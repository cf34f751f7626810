import type { Retries } from '../../domain/pipeline/pipeline.js';

/** Words of a shell script, quoted; a glob of the shell is not. */
export type Words = readonly string[];

/** A step for another system: everything that a POSIX shell in the workspace needs to run it. */
export interface Task {
  readonly name: string;
  readonly needs: readonly string[];
  /** For `sh -eu` in the workspace. Reads REFIT_NOW and REFIT_RUN_ID where the command uses them. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables that the other system must set, secrets among them. */
  readonly given: readonly { readonly name: string; readonly from: string }[];
  readonly image?: string;
  readonly timeoutS?: number;
  readonly retries: Retries;
  readonly resources: {
    readonly cpus?: number;
    readonly memoryBytes?: number;
    readonly gpus?: number;
    readonly others: Readonly<Record<string, number>>;
  };
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly path: string; readonly isFolder: boolean }[];
}

export interface Workflow {
  readonly pipeline: string;
  readonly file: string;
  /** Absolute path of the workspace. */
  readonly root: string;
  readonly tasks: readonly Task[];
  /** Of its retrain section. */
  readonly schedule?: { readonly cron: string; readonly timezone: string };
  /** For tasks without an image of their own. */
  readonly image?: string;
  /** For the header: what the other system does not do. */
  readonly notes: readonly string[];
  /** Version of refit. */
  readonly version: string;
}

/** Lines for a comment. A file's name may hold a line break, which would end the comment: each such sign is written as an escape. */
export const headerOf = ({
  pipeline,
  file,
  notes,
  version,
}: Pick<Workflow, 'pipeline' | 'file' | 'notes' | 'version'>): readonly string[] =>
  [
    `Made by refit ${version} from ${file} (refit export … ${pipeline}). Change that file, and export again.`,
    ...notes.map((note) => `Not as in refit: ${note}.`),
  ].map(onOneLine);

const onOneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Names for systems that allow letters, digits and one other sign. Two steps never get the same one. */
export function plainNames(tasks: readonly Task[], sign: '-' | '_'): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name } of tasks) {
    const plain = name.replaceAll(/[^A-Za-z0-9]+/g, sign).replace(/^[^A-Za-z]+/, (start) => `s${sign}${start}`);
    const base = sign === '-' ? plain.toLowerCase() : plain;
    let own = base;
    for (let i = 2; taken.has(own); i++) own = `${base}${sign}${i}`;
    taken.add(own);
    names.set(name, own);
  }
  return names;
}

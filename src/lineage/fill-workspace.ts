import type { Failure } from '../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { ScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { LostInput } from '../domain/runs/reproduction.js';
import type { Run } from '../domain/runs/run.js';
import { ok, type Result } from '../domain/support/result.js';
import { onDisk } from '../domain/support/world-failure.js';
import { fillScratch } from '../execute/fill-scratch.js';
import { externalInputs } from '../models/external-inputs.js';
import { isOwnPlace } from '../models/parents.js';
import { checkPipeline } from '../pipeline/load-pipeline.js';

/** Folders of installed packages. They are linked, because the lock files that the run recorded already pin them. */
const PACKAGES = ['node_modules', '.venv', 'venv'];

export interface FilledWorkspace {
  readonly lost: readonly LostInput[];
  /** Where the code came from, if not from the recorded commit. */
  readonly note?: string;
}

/** Fills a scratch workspace with the code (commit and diff) and the inputs (by hash) that a run used. */
export async function fillWorkspace(
  services: Services,
  scratch: ScratchWorkspace,
  run: Run,
): Promise<Result<FilledWorkspace, Failure>> {
  const note = await bringCode(services, scratch, run);
  if (!note.ok) return note;
  for (const folder of PACKAGES) if ((await services.files.stat(folder)) !== undefined) await scratch.link(folder);
  const lost: LostInput[] = [];
  for (const { step, use } of externalInputs(services, run))
    if (!(await bringInput(services, scratch, use))) lost.push(await lostInput(services, step, use));
  const text = services.registry.runs.definition(run.definitionHash);
  if (text !== undefined) {
    const written = await services.files.writeText(`${scratch.folder}/${run.file}`, text);
    if (!written.ok) return written;
  }
  return ok({ lost, note: note.value });
}

async function bringCode(
  services: Services,
  scratch: ScratchWorkspace,
  { code, file }: Run,
): Promise<Result<string | undefined, Failure>> {
  if (code.commit === undefined) return copyCode(services, scratch, file, whyNoCommit(code));
  const diff = code.diff === undefined ? undefined : await services.artifacts.readText(code.diff);
  if (diff?.ok === false) return diff;
  const out = await services.git.checkOut({
    commit: code.commit,
    folder: scratch.folder,
    diffText: diff === undefined ? undefined : diff.value,
  });
  if (out.ok) return ok(undefined);
  if (out.error.code !== 'not-found') return out;
  return copyCode(services, scratch, file, `git does not have commit ${code.commit.slice(0, 12)} here`);
}

const whyNoCommit = ({ problem }: Run['code']): string =>
  problem === undefined ? 'the run was not in git' : `git did not answer when it ran (${problem.reason})`;

/** Without git history, use the current code. Recorded inputs are still checked by hash. */
async function copyCode(
  services: Services,
  scratch: ScratchWorkspace,
  file: string,
  why: string,
): Promise<Result<string | undefined, Failure>> {
  const today = await checkPipeline(services, file);
  const note = `${why}: files that no step declares are taken from the current workspace`;
  if (!today.ok || today.value.pipeline === undefined) return ok(note);
  const filled = await fillScratch(listingWhatItMay(services), scratch, today.value.pipeline);
  if (!filled.ok) return filled;
  // The evaluation is not a step, so its inputs are copied separately.
  for (const input of today.value.pipeline.model?.evaluate?.inputs ?? [])
    if (input.kind === 'path' && (await services.files.stat(`${scratch.folder}/${input.path}`)) === undefined)
      await scratch.copy(input.path, []);
  return ok(note);
}

/** Files of a folder that this user may not list come from the store, as far as the run read them. */
const listingWhatItMay = (services: Services): Services => ({
  ...services,
  files: {
    ...services.files,
    glob: async (patterns) => {
      const found = await Promise.all(patterns.map((one) => onDisk(() => services.files.glob([one]))));
      return [...new Set(found.flatMap((one) => (one.ok ? one.value : [])))].sort();
    },
  },
});

/** Takes the recorded bytes from the checkout, the workspace or the store. False if none of them has the bytes. */
async function bringInput(
  services: Services,
  scratch: ScratchWorkspace,
  { path, artifact, dataset }: ArtifactUse,
): Promise<boolean> {
  const place = `${scratch.folder}/${path}` as WorkspacePath;
  if ((await hashAt(services, place)) === artifact.hash) return true;
  if (!isOwnPlace(path) && (await hashAt(services, path)) === artifact.hash) {
    await services.files.remove(place);
    // A snapshot of a remote source is copied: a workspace holds no links in its own folder.
    if (dataset !== undefined && artifact.kind === 'file' && !path.startsWith('.refit/')) await scratch.link(path);
    else if (!(await scratch.copy(path, [])).ok) return false;
    return (await hashAt(services, place)) === artifact.hash;
  }
  if (!(await services.artifacts.has(artifact.hash))) return false;
  return (await services.artifacts.restore(artifact.hash, place)).ok;
}

const hashAt = async ({ artifacts }: Services, path: WorkspacePath): Promise<ContentHash | undefined> =>
  (await artifacts.hash([path])).get(path)?.hash;

async function lostInput(services: Services, step: string, { path, artifact }: ArtifactUse): Promise<LostInput> {
  const found = await hashAt(services, path);
  return { step, path, expected: artifact.hash, found };
}

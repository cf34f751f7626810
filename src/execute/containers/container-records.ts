import type { Failure } from '../../domain/failure.js';
import type { PipelineName, RunId } from '../../domain/ids.js';
import { CONTAINER_ENGINES, type ContainerEngine } from '../../domain/pipeline/container.js';
import type { Services } from '../../domain/ports/services.js';
import type { ProcessIdentity } from '../../domain/runs/run.js';
import type { Result } from '../../domain/support/result.js';
import { type EngineServices, runEngine } from './run-engine.js';

/**
 * Containers do not end with the refit that started them: each is recorded in a file before it starts, and the file is removed
 * once the container is gone. A file whose refit was killed leads the next command to the container.
 */
const FOLDER = '.refit/containers';

export interface ContainerRecord {
  readonly engine: ContainerEngine;
  readonly name: string;
  readonly pipeline: string;
  /** Absent for a step that runs outside of a run, such as the `prepare` step of a check. */
  readonly run?: string;
  readonly by: ProcessIdentity;
}

const pathOf = (name: string): string => `${FOLDER}/${name}.json`;

/** Writes the record of a container that is about to start. */
export async function recordContainer(
  { files }: Pick<Services, 'files'>,
  record: ContainerRecord,
): Promise<Result<void, Failure>> {
  await files.makeFolder(FOLDER);
  return files.writeText(pathOf(record.name), `${JSON.stringify(record)}\n`);
}

/** Removes the record of a container that is gone. */
export const forgetContainer = ({ files }: Pick<Services, 'files'>, name: string): Promise<void> =>
  files.remove(pathOf(name));

/** The engine may hang; the record stays then, and the next command tries again. */
const REMOVAL_MS = 60_000;

/** How long a step may take to end by itself. */
const STOP_SECONDS = 5;

/** Ends and removes the container, whether it runs or not. False if it may still exist. */
export async function removeContainer(
  services: EngineServices,
  { engine, name }: Pick<ContainerRecord, 'engine' | 'name'>,
): Promise<boolean> {
  const ending = { timeoutMs: REMOVAL_MS, isEnding: true };
  // A signal can reach the engine before it passes signals on. The step hears a TERM all the same; removal only kills.
  await runEngine(services, name, [engine, 'stop', `--time=${STOP_SECONDS}`, name], ending);
  const removed = await runEngine(services, name, [engine, 'rm', '--force', name], ending);
  const isGone = removed.ok && (removed.value.isGood || /no such container/i.test(removed.value.text));
  if (isGone) await forgetContainer(services, name);
  return isGone;
}

/** Records of containers whose refit has ended. The lock of `locked` is held or shared, so nobody else holds it alone. */
export async function abandonedContainers(
  services: Pick<Services, 'files' | 'processes' | 'locks'>,
  locked?: string,
): Promise<readonly ContainerRecord[]> {
  const { files, processes, locks } = services;
  const found: ContainerRecord[] = [];
  const here = processes.self().bootId;
  for (const file of await files.listFolder(FOLDER)) {
    const record = parsed(await files.readText(`${FOLDER}/${file}`));
    if (record === undefined) continue;
    const isOver = record.by.bootId === here && !processes.isAlive(record.by);
    const isUnlocked =
      record.run !== undefined &&
      !locks.isRunHeld(record.run as RunId) &&
      (locked === undefined ? !locks.isHeld(record.pipeline as PipelineName) : record.pipeline === locked);
    if (isOver || isUnlocked) found.push(record);
  }
  return found;
}

/** A file that refit was killed while writing names no container: it is written before the container starts. */
function parsed(text: Result<string, Failure>): ContainerRecord | undefined {
  if (!text.ok) return undefined;
  try {
    const record = JSON.parse(text.value) as ContainerRecord;
    const isOurs = CONTAINER_ENGINES.includes(record.engine) && /^refit-[\w.-]+$/.test(record.name);
    return isOurs && typeof record.by?.pid === 'number' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Under the lock of the pipeline: removes what a killed refit left. Warns of what the engine does not remove. */
export async function removeAbandoned(
  services: EngineServices & Pick<Services, 'locks' | 'emit'>,
  pipeline: string,
): Promise<void> {
  for (const record of await abandonedContainers(services, pipeline))
    if (!(await removeContainer(services, record)))
      services.emit({
        type: 'warning',
        code: 'container-left',
        text: `the container ${record.name} of a refit that was killed cannot be removed: try "${record.engine} rm --force ${record.name}"`,
      });
}

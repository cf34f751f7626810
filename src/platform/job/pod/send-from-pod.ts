import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenRemote } from '../../../domain/ports/remotes.js';
import { STORE_UNREACHABLE } from '../../../domain/runs/staged-job.js';
import { type PodStart, podFiles } from '../../../domain/runs/staged-pod.js';
import { ok } from '../../../domain/support/result.js';
import { waitFor } from '../../../domain/support/wait.js';
import { onThisDisk } from '../../staging/write-tree.js';
import { handBack, type Patience } from '../hand-back.js';
import { refuse, specIn } from '../make-ready.js';
import { createStoreSide, type StoreSide } from '../store-side.js';
import { whenTold } from '../when-told.js';
import { awaitCommand } from './await-command.js';
import type { InPod } from './fetch-for-pod.js';

/** The log of a pod comes through the cluster. */
const NO_LOG = { again: () => undefined, end: async () => true };

const OPEN_PAUSE_MS = 8000;

/**
 * Waits for the command in the other container of the pod and uploads what it made. Ends a command that exceeds its time
 * limit or is no longer wanted. Resolves to the exit code.
 */
export async function sendFromPod(
  start: PodStart,
  { node, openRemote, patience }: InPod & { readonly patience?: Patience },
): Promise<number> {
  const side = await openPatiently(start, openRemote);
  if (side === undefined) return STORE_UNREACHABLE;
  const spec = specIn(readFileSync(join(start.folder, podFiles.order), 'utf8'), start.sha256);
  if (!spec.ok) return refuse(side, spec.error, { node, isTold: false });
  const [current] = spec.value.tries;
  if (current === undefined) return 1;
  side.goOn(spec.value.inputs);
  const told = whenTold(side, start.root);
  try {
    const ready = await noteReady(start.folder);
    if (!ready.ok) return await refuse(side, ready.error, { node, isTold: false });
    const { timeoutMs } = spec.value;
    const ended = await awaitCommand(start.folder, { signal: told.signal, timeoutMs });
    const job = { spec: spec.value, current, root: start.root, node, told, log: NO_LOG, ended, patience };
    const handed = await handBack(side, { ...job, isLasting: false });
    if (handed === 'unwanted') return 0;
    // Kubernetes learns how the command ended from its own container, not from this one.
    return handed.exitCode === STORE_UNREACHABLE ? STORE_UNREACHABLE : 0;
  } finally {
    told.stop();
  }
}

/** From now on, signals sent to the pod are passed on to the command. */
function noteReady(folder: string) {
  const path = join(folder, podFiles.ready);
  return onThisDisk({ doing: 'put', path }, async () => {
    writeFileSync(path, '');
    return ok(undefined);
  });
}

/** What hinders it from opening a bucket is the search for settings, and no network: it seldom needs a second try. */
async function openPatiently(start: PodStart, openRemote: OpenRemote): Promise<StoreSide | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    const store = await createStoreSide(start, openRemote);
    if (store.ok) return store.value(start.task, 0);
    await waitFor(OPEN_PAUSE_MS);
  }
  return undefined;
}

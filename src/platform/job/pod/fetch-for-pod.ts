import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenRemote } from '../../../domain/ports/remotes.js';
import { STORE_UNREACHABLE } from '../../../domain/runs/staged-job.js';
import { type PodStart, podFiles } from '../../../domain/runs/staged-pod.js';
import { ok } from '../../../domain/support/result.js';
import { onThisDisk } from '../../staging/write-tree.js';
import { makeReady, refuse, specIn } from '../make-ready.js';
import { createStoreSide } from '../store-side.js';
import { whenTold } from '../when-told.js';

export interface InPod {
  readonly node: string;
  readonly openRemote: OpenRemote;
}

/** The command must not start: the first container of the pod has failed. */
const NOT_STARTED = 1;

/**
 * Fills the empty volume of a pod with the inputs of its command. Resolves to the exit code: 0 starts the command.
 * Otherwise the reason is put into the store as the result of the job.
 */
export async function fetchForPod(start: PodStart, { node, openRemote }: InPod): Promise<number> {
  const store = await createStoreSide(start, openRemote);
  if (!store.ok) return STORE_UNREACHABLE;
  const side = store.value(start.task, 0);
  const order = await side.order();
  if (!order.ok) return STORE_UNREACHABLE;
  // refit has taken the job back.
  if (order.value === undefined) return NOT_STARTED;
  const text = order.value;
  const spec = specIn(text, start.sha256);
  if (!spec.ok) return refuse(side, spec.error, { node, isTold: false });
  const [current] = spec.value.tries;
  if (current === undefined) return NOT_STARTED;
  const claimed = await side.claim(spec.value.inputs);
  if (!claimed.ok) return STORE_UNREACHABLE;
  if (!claimed.value) return NOT_STARTED;
  const told = whenTold(side, start.root);
  try {
    const ready = await makeReady(side, { spec: spec.value, current, root: start.root, told });
    const noted = ready.ok ? await noteOrder(start.folder, text) : ready;
    if (noted.ok && !told.signal.aborted) return 0;
    const problem = noted.ok
      ? ({
          doing: 'fetch',
          path: join(start.folder, podFiles.order),
          cause: 'unreachable',
          reason: 'interrupted',
        } as const)
      : noted.error;
    return await refuse(side, problem, { node, isTold: told.signal.aborted });
  } finally {
    told.stop();
  }
}

/** For the sending container, which must start even while the store cannot be reached. */
function noteOrder(folder: string, text: string) {
  const path = join(folder, podFiles.order);
  return onThisDisk({ doing: 'fetch', path }, async () => {
    writeFileSync(path, text);
    return ok(undefined);
  });
}

import { availableParallelism, totalmem } from 'node:os';
import type { Machine } from '../domain/pipeline/resources.js';

/** Processors by affinity; memory by the container's limit where there is one. */
export function readMachine(): Machine {
  const constrained = process.constrainedMemory();
  const memoryBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return { cpus: availableParallelism(), memoryBytes };
}

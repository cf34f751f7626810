import { createHash } from 'node:crypto';
import { type Snapshot, snapshotPath } from '../domain/data/snapshot.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import { questionOf, type RemoteSource } from '../domain/pipeline/remote-source.js';
import type { Services } from '../domain/ports/services.js';

/**
 * The pipeline with the snapshots that were taken last in place of its remote sources. Nothing is connected or started: commands
 * that read the sources do that afterwards.
 */
export function withSnapshots({ registry }: Pick<Services, 'registry'>, pipeline: Pipeline): Pipeline {
  if (!pipeline.datasets.some(isRemote)) return pipeline;
  return placeSnapshots(pipeline, ({ name, remote }) =>
    remote === undefined
      ? []
      : registry.snapshots.newest(pipeline.name, name, definitionOf(remote)).filter(hasRows).map(snapshotPath),
  );
}

export const hasRows = ({ rows }: Snapshot): boolean => rows > 0;

/** Whether rows of a dataset, or of one that its query names, come from a remote source. */
export const isRemote = ({ remote, source }: Dataset): boolean =>
  remote !== undefined ||
  (source.kind === 'query' && source.sql.some((part) => typeof part !== 'string' && isRemote(part)));

/** Puts files in the place of every remote source, also inside queries. */
export function placeSnapshots(pipeline: Pipeline, filesOf: (dataset: Dataset) => readonly string[]): Pipeline {
  const place = (dataset: Dataset): Dataset => {
    if (dataset.remote !== undefined) return { ...dataset, source: { kind: 'paths', patterns: filesOf(dataset) } };
    if (dataset.source.kind === 'paths') return dataset;
    const sql = dataset.source.sql.map((part) => (typeof part === 'string' ? part : place(part)));
    return { ...dataset, source: { kind: 'query', sql } };
  };
  return { ...pipeline, datasets: pipeline.datasets.map(place) };
}

/** Snapshots of one definition answer the same question. Limits of time and what happens to late rows are no part of it. */
export function definitionOf({ place, from, everyMs, updated, timeFormat }: RemoteSource): string {
  const format = 'format' in place ? (place.format ?? '') : '';
  const path = 'path' in place ? place.path : '';
  const asked = [place.kind, questionOf(place), path, format, paramsOf(place), from, everyMs ?? 0, updated ?? ''];
  if (timeFormat !== undefined) asked.push(timeFormat);
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

/** The params that are bound to a query or command. */
export function paramsOf(place: RemoteSource['place']): Snapshot['params'] {
  const parts = 'query' in place ? place.query : 'script' in place ? place.script : [];
  return Object.fromEntries(
    parts.flatMap((part) => (typeof part !== 'string' && part.bind === 'param' ? [[part.name, part.value]] : [])),
  );
}

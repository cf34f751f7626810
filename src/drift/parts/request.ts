import type { TableProfile } from '../../domain/data/profile.js';
import type { KnownColumn } from '../../domain/ports/datasets.js';

/** What the jobs that read the files of a window are told, as JSON in a folder that all machines see. */
export interface PartsRequest {
  /** Absolute. Job `n` of `jobs` reads those whose place in the list is `n` modulo `jobs`. */
  readonly paths: readonly string[];
  readonly jobs: number;
  readonly timeColumn?: string;
  readonly types?: readonly (readonly [string, KnownColumn])[];
  /** In whose cells the rows are counted. */
  readonly reference?: TableProfile;
}

/** Where the request of a check with several jobs is written. */
export const requestIn = (folder: string): string => `${folder}/request.json`;
/** Where the profile of the file at this place of the list is written. */
export const profileIn = (folder: string, place: number): string => `${folder}/${place}.json`;

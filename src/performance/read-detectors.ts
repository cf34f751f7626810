import { DETECTOR_NAMES, type DetectorName } from '../domain/data/detector.js';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';

/** Reads names of detectors in the spellings in use: `HDDM_A` is `hddm-a`. */
export function readDetectors(names: readonly string[]): Result<readonly DetectorName[], Failure> {
  const chosen: DetectorName[] = [];
  for (const given of names) {
    const name = DETECTOR_NAMES.find((one) => one === given.toLowerCase().replaceAll('_', '-'));
    if (name === undefined)
      return err({
        code: 'not-found',
        what: 'detector',
        name: given,
        available: DETECTOR_NAMES,
        next: 'leave out --detector',
      });
    if (!chosen.includes(name)) chosen.push(name);
  }
  return ok(chosen);
}

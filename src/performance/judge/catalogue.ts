import type { DetectorName, Signal } from '../../domain/data/detector.js';
import type { JsonObject } from '../../domain/support/json.js';
import { adwin } from './detectors/adwin.js';
import { ddm } from './detectors/ddm.js';
import type { Detector, Domain } from './detectors/detector.js';
import { eddm } from './detectors/eddm.js';
import { ensemble } from './detectors/ensemble.js';
import { fhddm } from './detectors/fhddm.js';
import { hddmA } from './detectors/hddm-a.js';
import { hddmW } from './detectors/hddm-w.js';
import { pageHinkley } from './detectors/page-hinkley.js';
import { pageHinkleyStandardised } from './detectors/page-hinkley-standardised.js';

/** A detector running on one stream. Hides the type of its state. */
export interface OpenStream {
  readonly update: (x: number) => Signal;
  /** The state as JSON: `openStream(name, saved)` continues as if nothing had happened. */
  readonly save: () => JsonObject;
}

interface Entry {
  readonly domain: Domain;
  readonly open: (saved?: JsonObject) => OpenStream;
}

function entry<S>(detector: Detector<S>): Entry {
  return {
    domain: detector.domain,
    open: (saved) => {
      const state = saved === undefined ? detector.start() : detector.resume(saved);
      return { update: (x) => detector.update(state, x), save: () => detector.save(state) };
    },
  };
}

/** Every detector with its default settings. */
const CATALOGUE: Readonly<Record<DetectorName, Entry>> = {
  ensemble: entry(ensemble()),
  adwin: entry(adwin()),
  'page-hinkley': entry(pageHinkley()),
  'page-hinkley-standardised': entry(pageHinkleyStandardised()),
  ddm: entry(ddm()),
  eddm: entry(eddm()),
  'hddm-a': entry(hddmA()),
  'hddm-w': entry(hddmW()),
  fhddm: entry(fhddm()),
};

/** Opens a detector on a new stream, or where `saved` says that an earlier one stopped. */
export const openStream = (name: DetectorName, saved?: JsonObject): OpenStream => CATALOGUE[name].open(saved);

/** The values that a detector can judge. */
export const domainOf = (name: DetectorName): Domain => CATALOGUE[name].domain;

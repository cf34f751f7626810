/** What a stream detector says of one more item. After `drift` it has already started afresh. */
export type Signal = 'stable' | 'warning' | 'drift';

export const DETECTOR_NAMES = [
  'ensemble',
  'adwin',
  'page-hinkley',
  'page-hinkley-standardised',
  'ddm',
  'eddm',
  'hddm-a',
  'hddm-w',
  'fhddm',
] as const;

export type DetectorName = (typeof DETECTOR_NAMES)[number];

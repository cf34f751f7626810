import type { Finding, Reading } from '../../domain/data/finding.js';

/** A finding without its dataset, column and id. */
export type Fault = Omit<Finding, 'id' | 'dataset' | 'column'>;

/** Both readings of an unclear finding: the fault, and the change in the world that looks the same. */
const readingsOf = (fault: string, world: string): readonly Reading[] => [
  { as: 'bug', text: fault },
  { as: 'normal', text: world },
];

/** End of the sentence of an unclear finding. */
export const DOUBTFUL = '; a fault or a changed world';

/** The fault as an unclear finding, because the world could have done the same. It gets both readings. */
export const unclear = (fault: Fault, world: string): Fault => ({
  ...fault,
  severity: 'unclear',
  detail: `${fault.detail}${DOUBTFUL}`,
  readings: readingsOf([fault.likelyCause, fault.repair].filter(Boolean).join(': ') || fault.detail, world),
});

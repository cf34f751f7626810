import type { Finding, Reading } from '../../domain/data/finding.js';

/** A finding before it is known whose it is. */
export type Fault = Omit<Finding, 'id' | 'dataset' | 'column'>;

/** What an unclear finding may be: the fault, and what the world would have done instead. */
const readingsOf = (fault: string, world: string): readonly Reading[] => [
  { as: 'bug', text: fault },
  { as: 'normal', text: world },
];

/** How the sentence of an unclear finding ends. */
export const DOUBTFUL = '; a fault or a changed world';

/** The same fault where the world could have done it: both readings, and no claim. */
export const unclear = (fault: Fault, world: string): Fault => ({
  ...fault,
  severity: 'unclear',
  detail: `${fault.detail}${DOUBTFUL}`,
  readings: readingsOf([fault.likelyCause, fault.repair].filter(Boolean).join(': ') || fault.detail, world),
});

import type { ChangeKind } from '../../../domain/data/detector.js';

export type Moved = 'moved' | 'stable' | 'undecided';

/** Results of other checks over the same span of time. */
export interface ChangeEvidence {
  /** P(x): drift of the input columns. */
  readonly inputs: Moved;
  /** P(y): drift of the label. */
  readonly labels: Moved;
  /** The model's error. */
  readonly error: Moved;
  /** P(y|x): outcomes among rows with alike inputs, see `compareWithinStrata`. */
  readonly relation?: Moved;
  /** P(x|y): inputs among rows of one label. */
  readonly inputsWithinLabels?: Moved;
}

/**
 * The kind of change (Gama et al. 2014). If the relation itself was compared, it decides. Otherwise: if a label or an
 * error moves and the inputs do not, the relation is new; if inputs move and the error does not, the change is
 * harmless; if both move, it is `unclear`.
 */
export function kindOfChange(evidence: ChangeEvidence): ChangeKind {
  const { inputs, labels, error, relation = 'undecided', inputsWithinLabels = 'undecided' } = evidence;
  if (relation === 'moved') return 'real';
  if (inputs === 'stable') return ofStableInputs(labels, error, relation);
  if (inputs === 'undecided') return 'unclear';
  if (labels === 'moved' && inputsWithinLabels === 'stable') return 'prior';
  return relation === 'stable' || error === 'stable' ? 'virtual' : 'unclear';
}

function ofStableInputs(labels: Moved, error: Moved, relation: Moved): ChangeKind {
  const isMoved = labels === 'moved' || error === 'moved';
  // Something moved although neither inputs nor relation did: the evidence contradicts itself.
  if (isMoved) return relation === 'stable' ? 'unclear' : 'real';
  return labels === 'stable' && error === 'stable' ? 'none' : 'unclear';
}

/**
 * Rows of one span: for each row its cell of inputs (or the bin of its prediction) and its outcome (label or error).
 */
export interface StratifiedRows {
  readonly strata: readonly (string | number)[];
  readonly outcomes: readonly number[];
}

/** Fewest rows of a cell in either span. Smaller cells are left out. */
const FEWEST = 20;
/** Share of the later rows that must lie in comparable cells. */
const COVERED = 0.5;

/**
 * Whether outcomes changed among rows with similar inputs, that is, whether P(y|x) changed. The squared standardised
 * differences of the cells' means are summed and compared with chi-square with one df per cell (in its normal form,
 * Wilson and Hilferty 1931), at `alphaSds` standard deviations (3.09: one in a thousand). `undecided` if half of the
 * later rows cannot be compared.
 */
export function compareWithinStrata(before: StratifiedRows, after: StratifiedRows, alphaSds = 3.09): Moved {
  const [old, recent] = [momentsOf(before), momentsOf(after)];
  let [sum, cells, covered] = [0, 0, 0];
  for (const [stratum, now] of recent) {
    const then = old.get(stratum);
    if (then === undefined || then.count < FEWEST || now.count < FEWEST) continue;
    covered += now.count;
    const [n, m] = [then.count, now.count];
    const pooled = (then.sum + now.sum) / (n + m);
    const variance = (then.squares + now.squares) / (n + m) - pooled ** 2;
    cells += 1;
    if (variance > 0) sum += (then.sum / n - now.sum / m) ** 2 / (variance * (1 / n + 1 / m));
  }
  if (cells === 0 || covered < COVERED * after.outcomes.length) return 'undecided';
  const z = ((sum / cells) ** (1 / 3) - (1 - 2 / (9 * cells))) / Math.sqrt(2 / (9 * cells));
  return z > alphaSds ? 'moved' : 'stable';
}

function momentsOf({ strata, outcomes }: StratifiedRows) {
  const moments = new Map<string | number, { count: number; sum: number; squares: number }>();
  strata.forEach((stratum, i) => {
    const known = moments.get(stratum) ?? { count: 0, sum: 0, squares: 0 };
    const x = outcomes[i] ?? 0;
    moments.set(stratum, { count: known.count + 1, sum: known.sum + x, squares: known.squares + x * x });
  });
  return moments;
}

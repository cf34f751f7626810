const DOING = ['fetch', 'put'] as const;
const CAUSES = ['unreachable', 'damaged', 'missing', 'disk', 'too-large', 'link'] as const;

/** Why content did not get from one side to the other. */
export interface StagingProblem {
  readonly doing: (typeof DOING)[number];
  /** Of the workspace, or what else it is called. */
  readonly path: string;
  readonly cause: (typeof CAUSES)[number];
  readonly reason: string;
  /** The folder on the node in which everything is that the command made. */
  readonly kept?: string;
}

/** Whether a node may have said it so. */
export function isProblem(value: unknown): value is StagingProblem {
  if (typeof value !== 'object' || value === null) return false;
  const { doing, path, cause, reason, kept } = value as Readonly<Record<keyof StagingProblem, unknown>>;
  return (
    DOING.some((one) => one === doing) &&
    CAUSES.some((one) => one === cause) &&
    typeof path === 'string' &&
    typeof reason === 'string' &&
    (kept === undefined || typeof kept === 'string')
  );
}

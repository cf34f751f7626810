/** A condition on runs, for `runs --where`. */
export type RunFilter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly RunFilter[] }
  | { readonly kind: 'not'; readonly of: RunFilter }
  | {
      readonly kind: 'compare';
      readonly field: RunField;
      readonly operator: FilterOperator;
      /** One value, any number for `in`, none for `missing`. */
      readonly values: readonly FilterValue[];
    };

export type FilterOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'contains' | 'missing';

export type FilterValue = string | number | boolean;

/**
 * A plain field of a run, or a named one: the last value of a metric, a param, the status of a step, the version of a
 * tool.
 */
export type RunField =
  | { readonly kind: 'plain'; readonly name: PlainField }
  | { readonly kind: 'metric' | 'param' | 'step' | 'tool'; readonly name: string };

/** `duration` is in milliseconds; times are ISO text. */
export const PLAIN_FIELDS = [
  'id',
  'pipeline',
  'status',
  'trigger',
  'profile',
  'actor',
  'host',
  'commit',
  'branch',
  'dirty',
  'tainted',
  'started',
  'finished',
  'now',
  'duration',
  'model',
] as const;
export type PlainField = (typeof PLAIN_FIELDS)[number];

export const NAMED_FIELDS = ['metric', 'param', 'step', 'tool'] as const;

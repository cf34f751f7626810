/** A condition on runs, as `runs --where` takes it. */
export type RunFilter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly RunFilter[] }
  | { readonly kind: 'not'; readonly of: RunFilter }
  | {
      readonly kind: 'compare';
      readonly field: RunField;
      readonly operator: FilterOperator;
      /** One, of `in` any number, of `missing` none. */
      readonly values: readonly FilterValue[];
    };

export type FilterOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'contains' | 'missing';

export type FilterValue = string | number | boolean;

/** A plain field of a run, or one by name: the last value of a metric, a param, the status of a step, the version of a tool. */
export type RunField =
  | { readonly kind: 'plain'; readonly name: PlainField }
  | { readonly kind: 'metric' | 'param' | 'step' | 'tool'; readonly name: string };

/** `duration` in milliseconds; times as ISO text. */
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

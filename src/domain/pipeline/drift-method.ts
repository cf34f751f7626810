/** Distances by name, the same in YAML, on the command line and in JSON. */
export const METHOD_NAMES = [
  'ks',
  'wasserstein',
  'jensen_shannon',
  'psi',
  'kullback_leibler',
  'hellinger',
  'tvd',
  'l_infinity',
  'chi_square',
] as const;

export type MethodName = (typeof METHOD_NAMES)[number];

/**
 * `auto`: KS for numbers, total variation for categories. One name for the whole table, or a name for each column and
 * `auto` for the others.
 */
export interface MethodChoice {
  readonly table: MethodName | 'auto';
  readonly columns: Readonly<Record<string, MethodName | 'auto'>>;
}

export const AUTO: MethodChoice = { table: 'auto', columns: {} };

/** Other tools' names for the same distance. */
const ALIASES: Readonly<Record<string, MethodName>> = {
  kolmogorov_smirnov: 'ks',
  wasserstein_1: 'wasserstein',
  earth_mover: 'wasserstein',
  emd: 'wasserstein',
  jensenshannon: 'jensen_shannon',
  js: 'jensen_shannon',
  kl: 'kullback_leibler',
  kl_div: 'kullback_leibler',
  kullbackleibler: 'kullback_leibler',
  total_variation: 'tvd',
  linfinity: 'l_infinity',
  chebyshev: 'l_infinity',
  chi2: 'chi_square',
  chisquare: 'chi_square',
};

/**
 * Parses a method name of refit or of another tool. Case, spaces and hyphens are ignored. `undefined` for an unknown
 * name.
 */
export function parseMethod(text: string): MethodName | 'auto' | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  if (name === 'auto') return name;
  return METHOD_NAMES.find((one) => one === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined);
}

/** Every accepted spelling, for suggestions. */
export const methodSpellings = (): readonly string[] => ['auto', ...METHOD_NAMES, ...Object.keys(ALIASES)];

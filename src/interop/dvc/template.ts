import { isRecord } from '../../domain/support/json.js';

/** Values by name, from `vars`, `params.yaml`, `item` and `key`. */
export type Values = Readonly<Record<string, unknown>>;

const PLACE = /(\\?)\$\{\s*([^}]*?)\s*\}/g;

/** Replaces `${a.b[0]}` in every string of a value, including keys. Calls `unknown` for names without a value. */
export function fill(value: unknown, values: Values, unknown: (name: string) => void): unknown {
  if (Array.isArray(value)) return value.map((one) => fill(one, values, unknown));
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [String(fillText(key, values, unknown)), fill(one, values, unknown)]),
    );
  return typeof value === 'string' ? fillText(value, values, unknown) : value;
}

function fillText(text: string, values: Values, unknown: (name: string) => void): unknown {
  const [whole] = [...text.matchAll(PLACE)];
  // A string that is only a reference becomes the referenced value, which may be a list or a map.
  if (whole?.[0] === text && whole[1] === '' && !isText(lookUp(whole[2] ?? '', values))) {
    const found = lookUp(whole[2] ?? '', values);
    if (found === undefined) unknown(whole[2] ?? '');
    return found ?? text;
  }
  return text.replace(PLACE, (place, slash: string, name: string) => {
    if (slash !== '') return place.slice(1);
    const found = lookUp(name, values);
    if (found === undefined) unknown(name);
    return found === undefined ? place : wordsOf(found);
  });
}

const isText = (value: unknown): boolean => typeof value === 'string';

function lookUp(name: string, values: Values): unknown {
  const parts = name.replaceAll(/\[([^\]]+)\]/g, '.$1').split('.');
  return parts.reduce<unknown>(
    (at, part) =>
      Array.isArray(at) ? at[Number(part)] : isRecord(at) && Object.hasOwn(at, part) ? at[part] : undefined,
    values,
  );
}

/** Formats a value in a command like DVC: a map as options `--key value`, and true as a flag. */
export function wordsOf(value: unknown): string {
  if (!isRecord(value)) return Array.isArray(value) ? value.map(wordsOf).join(' ') : String(value ?? 'null');
  return flat(value, '')
    .flatMap(([key, one]) => (one === false ? [] : one === true ? [`--${key}`] : [`--${key} ${wordsOf(one)}`]))
    .join(' ');
}

const flat = (value: Readonly<Record<string, unknown>>, prefix: string): readonly (readonly [string, unknown])[] =>
  Object.entries(value).flatMap(([key, one]) =>
    isRecord(one) ? flat(one, `${prefix}${key}.`) : [[`${prefix}${key}`, one] as const],
  );

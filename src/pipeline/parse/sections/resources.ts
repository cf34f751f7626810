import type { Reporter } from '../collect-diagnostics.js';
import type { YamlPath } from '../source/yaml-source.js';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Parses `{ cpus: 2, memory: 4GiB }` into numbers, memory in bytes. Reports amounts that cannot be parsed. */
export function buildResources(
  raw: Readonly<Record<string, string | number>>,
  path: YamlPath,
  report: Reporter,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      const amount = typeof value === 'number' ? value : parseAmount(value, name);
      const problem = amount === undefined ? `"${value}" is no amount of "${name}"` : problemOf(name, amount);
      if (problem !== undefined)
        report.at([...path, name], {
          code: 'wrong-value',
          message: problem,
          suggestion: name === 'memory' ? 'write bytes or a unit: 512MiB, 4GiB' : 'write a number',
        });
      return [name, amount ?? 0];
    }),
  );
}

function problemOf(name: string, amount: number): string | undefined {
  if (!Number.isFinite(amount)) return `${amount} is no amount of "${name}"`;
  if (name === 'gpus' && !Number.isInteger(amount)) return `${amount} gpus: a GPU is given whole, or not`;
  // A memory limit of a few bytes is a forgotten unit.
  if (name === 'memory' && amount > 0 && amount < 1024) return `memory of ${amount} bytes: the unit is missing`;
  return undefined;
}

/** Units are only for memory: "2k" licenses is a typing mistake. */
function parseAmount(text: string, name: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim()) ?? [];
  const factor = name === 'memory' || /^[\d.]+$/.test(text.trim()) ? UNITS[unit.toLowerCase()] : undefined;
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** `100MB` or `2GiB` in bytes. `undefined`: it is no size. */
export const parseBytes = (text: string): number | undefined => parseAmount(text, 'memory');

/** Formats memory as `4GiB`, and other resources as plain numbers. */
export function spellAmount(name: string, amount: number): string {
  if (name !== 'memory') return String(amount);
  const unit = (['ti', 'gi', 'mi', 'ki'] as const).find((one) => amount >= (UNITS[one] ?? 1));
  if (unit === undefined) return `${amount} B`;
  return `${Number((amount / (UNITS[unit] ?? 1)).toFixed(1))}${unit[0]?.toUpperCase()}iB`;
}

import type { BuildContext } from './context.js';
import type { YamlPath } from './source.js';

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

/** `{ cpus: 2, memory: 4GiB }` to numbers, memory in bytes. */
export function buildResources(
  raw: Readonly<Record<string, string | number>>,
  path: YamlPath,
  context: BuildContext,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      const amount = typeof value === 'number' ? value : parseAmount(value);
      if (amount === undefined)
        context.report.at([...path, name], {
          code: 'wrong-value',
          message: `"${value}" is no amount of "${name}"`,
          suggestion: 'write a number, for memory with a unit: 512MiB, 4GiB',
        });
      return [name, amount ?? 0];
    }),
  );
}

function parseAmount(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

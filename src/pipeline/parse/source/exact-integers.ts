import { type Document, isPair, isScalar, type Scalar, visit } from 'yaml';

/** Whether an integer is too large for a JavaScript number. */
export const isBeyondNumbers = (text: string): boolean =>
  /^[-+]?[0-9]+$/.test(text) && !Number.isSafeInteger(Number(text));

/**
 * Turns whole numbers beyond 2^53 into text with all their digits. `below`: only below keys with one of these names.
 */
export function keepDigits(document: Document, below?: ReadonlySet<string>): void {
  visit(document, {
    Scalar: (_, node, path) => {
      const text = plainInteger(node);
      const isAsked = below === undefined || path.some((one) => isPair(one) && below.has(nameOf(one.key)));
      if (text !== undefined && isAsked) node.value = text;
    },
  });
}

const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : '');

const plainInteger = ({ value, source }: Scalar): string | undefined =>
  typeof value === 'number' && source !== undefined && isBeyondNumbers(source) ? source : undefined;

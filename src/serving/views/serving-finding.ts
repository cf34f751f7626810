import type { ServingFinding } from '../../domain/models/serving.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, line, toned } from '../../render/parts/parts.js';

/** What serves otherwise than recorded, and the command that repairs it. */
export const servingParts = ({ code, path, expected, found, repair }: ServingFinding): readonly ViewPart[] => [
  line(toned(`  ${code} `, 'bad'), `${path}: ${found}`, dim(`; expected ${expected}`)),
  line(dim(`    → ${repair}`)),
];

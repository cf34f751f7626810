import type { Finding } from '../../domain/data/finding.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, heading, strong, table } from '../../render/parts/parts.js';

interface Answered {
  readonly finding: Finding;
  readonly answer: 'bug' | 'normal';
  readonly reason: string;
}

/** How people have answered findings. */
export const answersTable = (answers: readonly Answered[]): readonly ViewPart[] =>
  answers.length === 0
    ? []
    : [
        heading('answered findings'),
        table(
          ['finding', 'column', 'what', 'answer', 'reason'],
          answers.map(({ finding, answer, reason }) => [
            dim(finding.id),
            strong(finding.column ?? '–'),
            finding.code,
            answer,
            reason,
          ]),
        ),
      ];

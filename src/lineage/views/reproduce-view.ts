import type { Deviation, LostInput, Reproduction, StepReproduction } from '../../domain/runs/reproduction.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { Span, View, ViewPart } from '../../domain/view.js';
import { blank, dim, figure, line, plural, short, strong, table, toned } from '../../render/parts/parts.js';

/** The first deviation from the record, which is the place to start looking. */
function firstOf({ lost, steps, scores }: Reproduction): JsonObject | null {
  const [input] = lost;
  if (input !== undefined)
    return { step: input.step, kind: 'input', name: input.path, recorded: input.expected, now: input.found ?? null };
  const step = steps.find((one) => one.result !== 'same');
  if (step !== undefined) {
    const [deviation] = step.deviations;
    return deviation === undefined
      ? { step: step.step, kind: step.result, name: step.failure?.code ?? null, recorded: null, now: null }
      : { step: step.step, ...deviationJson(deviation) };
  }
  const [score] = scores;
  return score === undefined ? null : { step: 'evaluate', ...deviationJson(score) };
}

const deviationJson = ({ kind, name, recorded, now }: Deviation): JsonObject => ({
  kind,
  name,
  recorded: recorded ?? null,
  now: now ?? null,
});

const lostJson = ({ step, path, expected, found }: LostInput): Json => ({ step, path, expected, found: found ?? null });

/** The view of `reproduce`. */
export function reproduceView(made: Reproduction): View {
  return {
    json: {
      subject: made.subject,
      run: made.run,
      commit: made.commit ?? null,
      verdict: made.verdict,
      first_difference: firstOf(made),
      lost_inputs: made.lost.map(lostJson),
      steps: made.steps.map(({ step, result, deviations, failure }) => ({
        step,
        result,
        deviations: deviations.map(deviationJson),
        failure: failure?.code ?? null,
      })),
      scores: made.scores.map(deviationJson),
      environment: made.environment.map(deviationJson),
      note: made.note ?? null,
      kept: made.kept ?? null,
    },
    parts: [
      ...headline(made),
      ...made.lost.map(lostLine),
      ...(made.steps.length === 0
        ? []
        : [
            table(
              ['step', 'result', ''],
              made.steps.map((step) => [strong(step.step), resultSpan(step), dim(summary(step))]),
            ),
          ]),
      ...(made.scores.length === 0 ? [] : [line('scores differ: ', made.scores.map(deviationText).join(', '))]),
      ...(made.verdict === 'same' || made.environment.length === 0
        ? []
        : [
            blank,
            line(dim(`this machine differs from the recorded one: ${made.environment.map(deviationText).join(', ')}`)),
          ]),
      ...(made.note === undefined ? [] : [line(dim(made.note))]),
      ...(made.kept === undefined ? [] : [line(dim(`kept in ${made.kept}`))]),
    ],
  };
}

function headline(made: Reproduction): readonly ViewPart[] {
  const what = strong(made.subject);
  if (made.verdict === 'same')
    return [
      line(
        toned('same ', 'good'),
        what,
        `: ${plural(made.steps.length, 'step')} repeated, equal in every byte and metric`,
      ),
    ];
  if (made.verdict === 'impossible')
    return [line(toned('impossible ', 'bad'), what, ': an input of the run is no longer available; nothing was run')];
  const first = made.steps.find((one) => one.result !== 'same');
  return [
    line(
      toned('differs ', 'bad'),
      what,
      first === undefined ? ': the steps are the same, its scores are not' : `: first in step "${first.step}"`,
    ),
  ];
}

const lostLine = ({ step, path, expected, found }: LostInput): ViewPart =>
  line(
    '  step ',
    strong(step),
    ` read ${path} (${short(expected)}); `,
    found === undefined ? 'the file is missing now' : `now it is ${short(found)}`,
    dim(', and neither git nor the store has it'),
  );

const resultSpan = ({ result }: StepReproduction): Span =>
  toned(result, result === 'same' ? 'good' : result === 'not-run' ? 'dim' : 'bad');

const value = (one: string | number | undefined): string =>
  one === undefined ? 'nothing' : typeof one === 'number' ? figure(one) : /^[0-9a-f]{64}$/.test(one) ? short(one) : one;

const deviationText = ({ name, recorded, now }: Deviation): string => `${name} ${value(recorded)} → ${value(now)}`;

const SHOWN_DEVIATIONS = 4;

function summary({ deviations, failure }: StepReproduction): string {
  if (failure !== undefined) return failure.code;
  const inputs = deviations.filter((one) => one.kind === 'input');
  const shown = (inputs.length > 0 ? inputs : deviations).slice(0, SHOWN_DEVIATIONS).map(deviationText).join(', ');
  if (deviations.length === 0) return '';
  return inputs.length > 0 ? `other inputs: ${shown}` : `same inputs, but: ${shown}`;
}

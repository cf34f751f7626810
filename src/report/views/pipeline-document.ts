import { answersTable } from '../../data/views/answers-view.js';
import { eventParts } from '../../data/views/event-view.js';
import { hasMoved } from '../../domain/data/drift.js';
import type { Failure } from '../../domain/failure.js';
import { toIso } from '../../domain/support/time.js';
import type { ViewPart } from '../../domain/view.js';
import { driftJson, driftParts } from '../../drift/views/drift-view.js';
import { gateJson, gateParts } from '../../gate/views/gate-view.js';
import { performanceParts } from '../../performance/views/performance-view.js';
import { dim, line, moment, plural, span, strong, table, toned, word } from '../../render/parts/parts.js';
import { durationOf } from '../../run/views/run-view.js';
import { deliveryView } from '../../serving/views/delivery-view.js';
import { statusParts, statusView } from '../../status/views/status-view.js';
import { distributionOf } from './distribution.js';
import type { ReportDocument, ReportSection } from './document.js';
import { failureLines } from './failure-lines.js';
import type { DistributionFigure } from './figures/figure.js';
import { performanceFigure } from './performance-figure.js';
import type { PipelineFacts } from './pipeline-facts.js';
import { timelineFigure } from './timeline-figure.js';

/** The report of a pipeline: what serves and why, what happened, and what the data and the model do now. */
export function pipelineDocument(facts: PipelineFacts): ReportDocument {
  const { pipeline, when, status } = facts;
  return {
    title: pipeline.name,
    subtitle: `${pipeline.description ?? pipeline.file} · ${moment(when.now)} UTC${when.isNowGiven ? ' (given)' : ''}`,
    sections: [
      { id: 'now', title: 'What serves now', parts: statusParts({ ...status, isAlone: true }), figures: [] },
      timelineSection(facts),
      ...performanceSection(facts),
      ...driftSection(facts),
      dataSection(facts),
      ...gateSection(facts),
      ...lineageSection(facts),
      runsSection(facts),
      ...deliverySection(facts),
    ],
    json: reportJson(facts),
  };
}

const reportJson = (facts: PipelineFacts): ReportDocument['json'] => ({
  pipeline: facts.pipeline.name,
  now: toIso(facts.when.now),
  status: statusView([facts.status]).json,
  decisions: facts.decisions.length,
  runs: facts.runs.length,
  drift: facts.drift?.ok === true ? driftJson(facts.drift.value) : null,
  performance: facts.performance?.ok === true ? facts.performance.value.verdict : null,
  gate: facts.gate === undefined ? null : gateJson(facts.gate),
});

function timelineSection(facts: PipelineFacts): ReportSection {
  const { decisions } = facts;
  const figure = timelineFigure(facts);
  return {
    id: 'timeline',
    title: 'What has happened',
    parts:
      decisions.length === 0
        ? [line('no decisions yet: "refit retrain" makes one')]
        : [line(dim(countsOf(decisions.map(({ decision }) => decision.decision))))],
    figures: figure === undefined ? [] : [figure],
    folded:
      decisions.length === 0
        ? undefined
        : {
            title: `${plural(decisions.length, 'decision')}, newest first`,
            parts: [
              table(
                ['now (UTC)', 'decision', 'outcome', 'why', 'id'],
                decisions
                  .toReversed()
                  .slice(0, LISTED)
                  .map(({ decision, outcome }) => [
                    moment(decision.now),
                    word(decision.decision),
                    outcome === undefined ? dim('–') : word(outcome.outcome),
                    decision.summary,
                    dim(decision.id),
                  ]),
              ),
              ...(decisions.length <= LISTED
                ? []
                : [line(dim(`${decisions.length - LISTED} older ones: refit decisions ${facts.pipeline.name}`))]),
            ],
          },
  };
}

/** Decisions that the page lists. The timeline has all. */
const LISTED = 200;

function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of words) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].map(([one, count]) => `${count} × ${one}`).join(', ');
}

const unmeasured = (failure: Failure): readonly ViewPart[] => [
  line(toned('not measured', 'warn')),
  { kind: 'text', lines: failureLines(failure) },
];

function performanceSection(facts: PipelineFacts): readonly ReportSection[] {
  const { performance } = facts;
  if (performance === undefined) return [];
  const head = { id: 'performance', title: 'Performance' };
  if (!performance.ok) return [{ ...head, parts: unmeasured(performance.error), figures: [] }];
  const figure = performanceFigure(facts, performance.value);
  return [{ ...head, parts: performanceParts(performance.value), figures: figure === undefined ? [] : [figure] }];
}

/** The columns that moved most come first. */
const RANKS = ['finding', 'drift', 'unclear', 'undecided', 'stable'];

function driftSection({ drift, reference }: PipelineFacts): readonly ReportSection[] {
  if (drift === undefined) return [];
  const head = { id: 'drift', title: 'Drift' };
  if (!drift.ok) return [{ ...head, parts: unmeasured(drift.error), figures: [] }];
  const { features, window } = drift.value;
  const ranked = features.toSorted(
    (a, b) =>
      RANKS.indexOf(a.verdict) - RANKS.indexOf(b.verdict) ||
      (b.score ?? 0) / (b.threshold ?? 1) - (a.score ?? 0) / (a.threshold ?? 1),
  );
  const figures =
    reference === undefined || window === undefined
      ? []
      : ranked.flatMap((feature): readonly DistributionFigure[] => {
          const figure = distributionOf(feature, reference, window);
          return figure === undefined ? [] : [{ ...figure, sentence: hasMoved(feature) ? feature.detail : undefined }];
        });
  return [{ ...head, parts: driftParts({ ...drift.value, features: ranked }), figures }];
}

function dataSection({ status, answers, events }: PipelineFacts): ReportSection {
  const open = status.findings;
  return {
    id: 'data',
    title: 'Data findings and events',
    parts: [
      ...(open.length === 0
        ? [line('no open findings')]
        : [
            table(
              ['severity', 'column', 'what', 'detail', 'finding'],
              open.map((finding) => [
                word(finding.severity),
                strong(finding.column ?? '–'),
                finding.code,
                finding.detail,
                dim(finding.id),
              ]),
            ),
          ]),
      ...answersTable(answers),
      ...eventParts(events),
    ],
    figures: [],
  };
}

const gateSection = ({ gate }: PipelineFacts): readonly ReportSection[] =>
  gate === undefined
    ? []
    : [
        {
          id: 'gate',
          title: 'Gate',
          parts: [
            line(
              'candidate ',
              strong(`${gate.candidate.model}@${gate.candidate.version}`),
              gate.champion === undefined
                ? ', without a champion'
                : ` against the champion then, version ${gate.champion.version}`,
              dim(`, judged ${moment(gate.judgedAt)} UTC`),
            ),
            ...gateParts(gate),
          ],
          figures: [],
        },
      ];

const lineageSection = ({ lineage, status }: PipelineFacts): readonly ReportSection[] =>
  lineage === undefined
    ? []
    : [
        {
          id: 'lineage',
          title: 'What the champion was made from',
          parts: lineage.isCut
            ? [
                line(
                  dim(`only the nearest ${lineage.nodes.length}: refit lineage ${status.champion?.model} --limit 500`),
                ),
              ]
            : [],
          figures: [
            {
              kind: 'graph',
              name: 'lineage',
              title: 'Lineage',
              description: `${plural(lineage.nodes.length, 'node')}: files, steps and the model, from left to right. Choose one to see its facts.`,
              graph: lineage,
            },
          ],
        },
      ];

function runsSection({ runs, pipeline }: PipelineFacts): ReportSection {
  const steps = runs.flatMap(({ run, executions }) =>
    executions
      .filter(({ attempts }) => attempts.length > 0)
      .map((one) => ({
        run: run.id,
        step: one.step,
        status: one.status,
        from: (one.startedAt - run.startedAt) / 1000,
        to: ((one.finishedAt ?? one.startedAt) - run.startedAt) / 1000,
        text: `${one.step}: ${one.status}, ${span(durationOf(one))}`,
      })),
  );
  return {
    id: 'runs',
    title: 'Runs',
    parts:
      runs.length === 0
        ? [line('no runs yet')]
        : [
            table(
              ['run', 'status', 'started (UTC)', 'time', 'trigger', 'steps'],
              runs.map(({ run, executions }) => [
                strong(run.id),
                word(run.status),
                moment(run.startedAt),
                span(durationOf(run)),
                run.trigger.kind,
                dim(countsOf(executions.map(({ status }) => status))),
              ]),
            ),
          ],
    figures:
      steps.length === 0
        ? []
        : [
            {
              kind: 'step-times',
              name: 'steps',
              title: 'Times of steps',
              description: `When each step of the last ${plural(runs.length, 'run')} of ${pipeline.name} began and ended.`,
              steps,
            },
          ],
  };
}

const deliverySection = ({ delivery }: PipelineFacts): readonly ReportSection[] =>
  delivery === undefined
    ? []
    : [{ id: 'delivery', title: 'Delivery', parts: deliveryView([delivery]).parts, figures: [] }];

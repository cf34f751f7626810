import { findingJson, findingParts } from '../../data/views/data-view.js';
import { eventJson, eventParts } from '../../data/views/event-view.js';
import { schemaFields, schemaJson } from '../../data/views/used-schemas.js';
import { windowFields } from '../../data/views/window-view.js';
import type { ExcludedRows } from '../../domain/data/dataset.js';
import type { Finding } from '../../domain/data/finding.js';
import type { NamedEvent } from '../../domain/data/named-event.js';
import type { WatchedEpisode } from '../../domain/data/performance.js';
import type { Snapshot } from '../../domain/data/snapshot.js';
import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { AliasMove, Approval, Evaluation, GateVerdict, ModelVersion, Note } from '../../domain/models/model.js';
import type { VersionLineage } from '../../domain/models/version-lineage.js';
import type { UsedSchema } from '../../domain/ports/records/data-records.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { MetricPoint, Run, StepExecution } from '../../domain/runs/run.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';
import { gateJson, gateParts } from '../../gate/views/gate-view.js';
import { moveJson } from '../../models/views/move-json.js';
import { noteJson, noteParts } from '../../models/views/note-view.js';
import { episodeParts, watchedEpisodeJson } from '../../performance/views/episode-view.js';
import {
  asJson,
  besideLimit,
  bytes,
  dim,
  few,
  fields,
  heading,
  line,
  metricsText,
  moment,
  plural,
  scoresText,
  short,
  shown,
  span,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { conditionJson, conditionLines } from '../../retrain/views/retrain-view.js';
import { codeText, originFields, paramsText } from '../../run/views/lists-view.js';
import { codeJson, durationOf, environmentJson, runJson, stepJson } from '../../run/views/run-view.js';
import { approvalJson, approvalParts } from '../../serving/views/approval-view.js';
import { ancestryParts } from './ancestry-view.js';
import { snapshotJson, sourceRows } from './snapshot-view.js';
import { useJson } from './use-json.js';
import { validationParts, versionLineageJson, versionLineageParts } from './version-lineage-view.js';

export interface StoryStep {
  readonly execution: StepExecution;
  /** Id of the run that produced the result; another run if this execution was skipped or restored. */
  readonly madeIn: string;
  readonly reads: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
}

/** Everything recorded about how a version or a run was made. */
export interface Story {
  readonly run: Run;
  readonly steps: readonly StoryStep[];
  readonly version?: ModelVersion;
  readonly isChampion: boolean;
  /** Present when the subject is a version. */
  readonly lineage?: VersionLineage;
  readonly decision?: RetrainDecision;
  readonly outcome?: DecisionOutcome;
  readonly findings: readonly Finding[];
  /** Rows that its steps were not given. */
  readonly keptOut: readonly ExcludedRows[];
  /** What its data was read from, where that is a database or a command. */
  readonly snapshots: readonly Snapshot[];
  /** Schemas that the data was checked against for the decision; without a decision, those inferred from the run's data. */
  readonly schemas: readonly UsedSchema[];
  /** Events of the pipeline that were recorded before the run started. */
  readonly events: readonly NamedEvent[];
  /** Falls in performance that were open when it was made, or while it served. */
  readonly episodes: readonly WatchedEpisode[];
  readonly evaluation?: Evaluation;
  /** Evaluation of the champion at that time, on the same data. */
  readonly rival?: Evaluation;
  readonly gate?: GateVerdict;
  /** Moves of the champion alias that concern this version. */
  readonly moves: readonly AliasMove[];
  readonly approvals?: readonly Approval[];
  /** Notes about this version or its model. */
  readonly notes?: readonly Note[];
}

/** Milliseconds from the commit to the first time the version served. */
const commitToServing = ({ run, moves, version }: Story): number | undefined => {
  const first = moves.find((move) => move.to === version?.version);
  return first === undefined || run.code.committedAt === undefined ? undefined : first.movedAt - run.code.committedAt;
};

interface Shown {
  /** Name every file, however many there are. */
  readonly isEveryFile?: boolean;
}

/** The view of `why` for a version or a run. */
export function whyView(story: Story, { isEveryFile = false }: Shown = {}): View {
  const { version, lineage } = story;
  const lead = commitToServing(story);
  const of = version === undefined || lineage === undefined ? undefined : `${version.model}@${version.version}`;
  return {
    json: {
      ...makingJson(story),
      ...judgingJson(story),
      served: story.moves.map(moveJson),
      notes: (story.notes ?? []).map(noteJson),
      status_because: statusReasons(story).map((one) => asJson(one)),
      ...(of === undefined || lineage === undefined ? {} : versionLineageJson(of, lineage)),
      commit_to_serving_ms: lead ?? null,
    },
    parts: [
      ...headline(story),
      ...statusParts(story),
      ...origin(story),
      ...eventParts(story.events),
      ...performanceParts(story),
      ...making(story, isEveryFile),
      ...ancestryParts(lineage?.ancestry ?? []),
      ...judged(story),
      ...(of === undefined || lineage === undefined ? [] : versionLineageParts(of, lineage)),
      ...served(story, lead),
      ...noteParts(story.notes ?? []),
    ],
  };
}

const makingJson = (story: Story): JsonObject => ({
  version:
    story.version === undefined
      ? null
      : {
          model: story.version.model,
          version: story.version.version,
          hash: story.version.hash,
          champion: story.isChampion,
        },
  run: {
    ...runJson(story.run),
    code: codeJson(story.run.code),
    environment: environmentJson(story.run.environment),
    definition_hash: story.run.definitionHash,
  },
  steps: story.steps.map((step) => ({
    ...stepJson(step.execution),
    made_in: step.madeIn,
    reads: step.reads.map(useJson),
    writes: step.writes.map(useJson),
    metrics: step.metrics.map((point) => asJson(point)),
  })),
  decision:
    story.decision === undefined
      ? null
      : {
          id: story.decision.id,
          decision: story.decision.decision,
          summary: story.decision.summary,
          because: conditionJson(story.decision.because),
          outcome: story.outcome?.outcome ?? null,
        },
  findings: story.findings.map(findingJson),
  kept_out: story.keptOut.map((one) => asJson(one)),
  snapshots: story.snapshots.map(snapshotJson),
  schemas: story.schemas.map(schemaJson),
  events: story.events.map(eventJson),
  episodes: story.episodes.map(watchedEpisodeJson),
});

const judgingJson = ({ evaluation, rival, gate, approvals = [] }: Story): JsonObject => ({
  evaluation:
    evaluation === undefined
      ? null
      : {
          metrics: asJson(evaluation.metrics),
          data_hash: evaluation.dataHash,
          slices: asJson(evaluation.slices),
          predictions: evaluation.predictions ?? null,
        },
  rival: rival === undefined ? null : { version: rival.version.version, metrics: asJson(rival.metrics) },
  gate: gate === undefined ? null : gateJson(gate),
  approvals: approvals.map(approvalJson),
});

function headline({ version, run, isChampion }: Story): readonly ViewPart[] {
  if (version === undefined) return [line('run ', strong(run.id), ' of ', run.pipeline, ' ', word(run.status))];
  return [
    line(
      strong(`${version.model}@${version.version}`),
      isChampion ? toned('  champion', 'good') : dim('  not serving'),
      dim(`  ${version.kind} of ${bytes(version.size)}, sha256 ${short(version.hash)}`),
    ),
  ];
}

interface StatusReason {
  readonly step: string;
  readonly status: string;
  readonly code: string;
  readonly detail: string;
  readonly log?: string;
}

/** Why a run did not succeed, step by step. Empty for a successful run. */
function statusReasons({ run, steps }: Story): readonly StatusReason[] {
  const own = steps.flatMap(({ execution }): readonly StatusReason[] => {
    const { failure } = execution;
    if (failure === undefined && execution.status !== 'lost') return [];
    const log = execution.attempts.at(-1)?.logPath;
    return [
      {
        step: execution.step,
        status: execution.status,
        code: typeof failure?.code === 'string' ? failure.code : 'lost',
        detail: failureDetail(failure),
        log,
      },
    ];
  });
  const isUnexplained = run.status !== 'succeeded' && run.status !== 'running' && own.length === 0;
  return isUnexplained ? [{ step: '', status: run.status, code: run.status, detail: RUN_ENDS[run.status] ?? '' }] : own;
}

const RUN_ENDS: Readonly<Record<string, string>> = {
  lost: 'its process ended without recording a result: a crash or a kill',
  cancelled: 'it was interrupted',
  failed: 'a step failed',
};

/** The facts of a failure in one line. The full message was shown when it happened. */
function failureDetail(failure: JsonObject | undefined): string {
  if (failure === undefined) return RUN_ENDS.lost ?? '';
  const { code, step, tail, ...facts } = failure;
  const last = Array.isArray(tail) ? tail.at(-1) : undefined;
  const shownFacts = Object.entries(facts)
    .filter(([name]) => name !== 'logPath')
    .map(([name, value]) => `${name} ${shown(value)}`);
  return [...shownFacts, ...(last === undefined ? [] : [String(last)])].join(', ');
}

function statusParts(story: Story): readonly ViewPart[] {
  const reasons = statusReasons(story);
  if (reasons.length === 0) return [];
  return [
    heading(`why it is ${story.run.isTainted ? 'tainted' : story.run.status}`),
    ...reasons.map(({ step, status, code, detail, log }) =>
      line('  ', word(status), ' ', strong(step), `  ${code}: ${detail}`, dim(log === undefined ? '' : `  ${log}`)),
    ),
  ];
}

function origin({ run, decision, outcome, findings, schemas }: Story): readonly ViewPart[] {
  return [
    heading('why it was made'),
    fields([
      [
        'trigger',
        `${run.trigger.kind}${run.trigger.measured === undefined ? '' : `: measured ${besideLimit(run.trigger.measured, run.trigger.threshold)}`}`,
      ],
      [
        'decision',
        decision === undefined
          ? 'none: run by hand'
          : `${decision.decision}, ${moment(decision.decidedAt)} UTC: ${decision.summary}${outcome === undefined ? '' : ` → ${outcome.outcome}`}`,
      ],
      ...originFields(run),
      ...schemaFields(schemas),
    ]),
    ...(decision === undefined ? [] : conditionLines(decision.because)),
    ...(decision === undefined && findings.length > 0
      ? [line(toned('open when it ran', 'bad'), ': retrain would have held for these findings')]
      : []),
    ...findingParts(findings),
  ];
}

function performanceParts({ episodes }: Story): readonly ViewPart[] {
  return episodes.length === 0 ? [] : [heading('falls in performance'), ...episodes.flatMap(episodeParts)];
}

/** The files of each dataset that the steps read: `sales: 23 files, 4.1 MB: …`. */
function dataRows(steps: readonly StoryStep[], isEveryFile: boolean): readonly (readonly [string, string])[] {
  const datasets = new Map<string, Map<string, ArtifactUse>>();
  for (const use of steps.flatMap((step) => step.reads)) {
    if (use.dataset === undefined) continue;
    const files = datasets.get(use.dataset) ?? new Map<string, ArtifactUse>();
    datasets.set(use.dataset, files.set(use.path, use));
  }
  return [...datasets].map(([name, files]) => ['data', datasetText(name, [...files.values()], isEveryFile)] as const);
}

function datasetText(name: string, files: readonly ArtifactUse[], isEveryFile: boolean): string {
  const named = files.map((use) => `${use.path} (${short(use.artifact.hash)})`);
  if (files.length === 1) return named.join('');
  const size = files.reduce((sum, use) => sum + use.artifact.size, 0);
  const list = isEveryFile ? named.join(', ') : few(named);
  return `${name}: ${plural(files.length, 'file')}, ${bytes(size)}: ${list}${list.endsWith(' more') ? ' (--all names them)' : ''}`;
}

function making({ run, steps, lineage, snapshots, keptOut }: Story, isEveryFile: boolean): readonly ViewPart[] {
  const written = (uses: readonly ArtifactUse[]): string => {
    const named = uses.map(
      (use) =>
        `${use.path} (${use.rows === undefined ? bytes(use.artifact.size) : plural(use.rows, 'row')}, ${short(use.artifact.hash)})`,
    );
    return isEveryFile ? named.join(', ') : few(named);
  };
  return [
    heading('how it was made'),
    fields([
      [
        'run',
        `${run.id}, ${moment(run.startedAt)} UTC, took ${span(durationOf(run))}${run.isNowGiven ? `, now ${moment(run.now)}` : ''}`,
      ],
      [
        'pipeline',
        `${run.file}, sha256 ${short(run.definitionHash)}${run.profile === undefined ? '' : `, profile ${run.profile}`}`,
      ],
      ['code', codeText(run)],
      ['params', paramsText(run) || undefined],
      [
        'by',
        `${run.actor} on ${run.environment.host}${
          run.environment.origin === undefined
            ? ` (${run.environment.platform}; ${Object.entries(run.environment.tools)
                .map(([name, is]) => `${name} ${is}`)
                .join(', ')})`
            : ''
        }`,
      ],
      ...dataRows(steps, isEveryFile),
      ...keptOut.map(({ dataset, rows }) => ['kept out', `${dataset}: ${rows}`] as const),
      ...windowFields(run.windows),
      ...sourceRows(snapshots),
      ...(lineage === undefined ? [] : validationParts(lineage)),
    ]),
    table(
      ['step', 'role', 'status', 'time', 'reads', 'writes'],
      steps.map(({ execution, reads, writes }) => [
        strong(execution.step),
        dim(execution.role ?? '–'),
        word(execution.status),
        execution.attempts.length === 0 ? dim('–') : span(durationOf(execution)),
        dim(plural(reads.length, 'artifact')),
        written(writes),
      ]),
    ),
  ];
}

function judged({ evaluation, rival, gate, steps, approvals = [] }: Story): readonly ViewPart[] {
  const training = steps.filter((step) => step.metrics.length > 0);
  return [
    ...(evaluation === undefined && gate === undefined && training.length === 0 ? [] : [heading('how it was judged')]),
    fields([
      ...training.map((step): readonly [string, string] => [
        step.execution.step,
        metricsText(Object.fromEntries(step.metrics.map((one) => [one.key, one.value]))),
      ]),
      ['scored', evaluation === undefined ? undefined : scoresText(evaluation)],
      [
        'against',
        rival === undefined
          ? undefined
          : `version ${rival.version.version} ${rival.dataHash === evaluation?.dataHash ? 'on the same data' : 'on other data'}: ${metricsText(rival.metrics)}`,
      ],
    ]),
    ...(gate === undefined ? [] : gateParts(gate)),
    ...approvalParts(approvals),
  ];
}

function served({ moves }: Story, lead: number | undefined): readonly ViewPart[] {
  if (moves.length === 0) return [];
  return [
    heading('when it served'),
    ...moves.map((move) =>
      line(
        `  ${moment(move.movedAt)} UTC  ${move.kind} ${move.from ?? '–'} → ${move.to}`,
        move.isForced ? toned(' forced', 'warn') : '',
        dim(`  ${move.reason}, by ${move.actor}`),
      ),
    ),
    ...(lead === undefined ? [] : [line(dim(`  commit → serving: ${span(lead)}`))]),
  ];
}

import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { LineageEvents } from '../../domain/ports/lineage-events.js';
import type { RunStatus, StepStatus } from '../../domain/runs/run.js';
import type { ProfiledUse, RunFacts, StepFacts } from '../../domain/runs/run-facts.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { type Instant, instantOf, toIso } from '../../domain/support/time.js';
import { runUuid } from '../run-uuid.js';
import { type EventContext, inputOf, outputOf } from './datasets.js';
import { type Bodies, facetsOf } from './facets.js';
import { endBodies, runBodies, stepBodies, stepEndBodies } from './run-bodies.js';

const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const JOB_SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent';

type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

const RUN_END: Readonly<Record<RunStatus, EventType>> = {
  running: 'ABORT',
  succeeded: 'COMPLETE',
  failed: 'FAIL',
  cancelled: 'ABORT',
  lost: 'ABORT',
};

const STEP_END: Readonly<Record<StepStatus, EventType>> = {
  pending: 'ABORT',
  running: 'ABORT',
  succeeded: 'COMPLETE',
  restored: 'COMPLETE',
  skipped: 'COMPLETE',
  failed: 'FAIL',
  'timed-out': 'FAIL',
  cancelled: 'ABORT',
  lost: 'ABORT',
};

export interface EventOptions {
  /** Version of refit, for the producer field. */
  readonly version: string;
  /** Describes a stored failure in one sentence. */
  readonly failureText: (failure: JsonObject) => string;
}

/** Identity of something that ran: a decision, its run, or a step of the run. */
interface Ran {
  readonly id: string;
  readonly job: string;
}

interface Event {
  readonly type: EventType;
  readonly at: Instant;
  readonly ran: Ran;
  readonly run: Bodies;
  readonly job: Bodies;
  readonly inputs?: readonly JsonObject[];
  readonly outputs?: readonly JsonObject[];
}

/** Makes OpenLineage 2-0-2 events: a START and an end event for the decision, the run and each of its steps. */
export function createLineageEvents({ version, failureText }: EventOptions): LineageEvents {
  const producer = `urn:refit:${version}`;
  return {
    ofRun: (facts, namespace) => {
      const context: EventContext = { facts, namespace, producer };
      const { decision, outcome } = facts;
      const steps = facts.steps.flatMap((step) => stepEvents(step, context, failureText)).sort((a, b) => a.at - b.at);
      const [start, end] = runEvents(context, steps.at(-1)?.at);
      const around = decision === undefined ? [] : decisionEvents(decision, outcome, end.at);
      return [...around.slice(0, 1), start, ...steps, end, ...around.slice(1)].map((event) => written(event, context));
    },
    ofTest: (at, namespace) => ({
      eventTime: toIso(at),
      producer,
      schemaURL: JOB_SCHEMA,
      job: { namespace: namespaceOf({ namespace }), name: 'refit-test' },
    }),
  };
}

const written = ({ type, at, ran, run, job, inputs = [], outputs = [] }: Event, context: EventContext): JsonObject => ({
  eventType: type,
  eventTime: toIso(at),
  producer: context.producer,
  schemaURL: SCHEMA,
  run: { runId: ran.id, facets: facetsOf(run, context.producer) },
  job: { namespace: namespaceOf(context), name: ran.job, facets: facetsOf(job, context.producer) },
  inputs,
  outputs,
});

const namespaceOf = ({ namespace }: Pick<EventContext, 'namespace'>): string => namespace ?? 'refit';

// Step names have no "/", so no step can have this name.
const decisionRan = ({ id, pipeline, decidedAt }: RetrainDecision): Ran => ({
  id: runUuid(id, decidedAt),
  job: `${pipeline}/retrain`,
});

const runRan = ({ run }: RunFacts): Ran => ({ id: runUuid(run.id, run.startedAt), job: run.pipeline });

const stepRan = ({ execution }: StepFacts, { run }: RunFacts): Ran => ({
  id: runUuid(`${run.id}/${execution.step}`, execution.startedAt),
  job: `${run.pipeline}.${execution.step}`,
});

const rootOf = (facts: RunFacts): Ran => (facts.decision === undefined ? runRan(facts) : decisionRan(facts.decision));

const named = ({ id, job }: Ran, context: EventContext): { readonly run: JsonObject; readonly job: JsonObject } => ({
  run: { runId: id },
  job: { namespace: namespaceOf(context), name: job },
});

const parentOf = (parent: Ran, context: EventContext): JsonObject => ({
  ...named(parent, context),
  root: named(rootOf(context.facts), context),
});

const jobType = (type: string): JsonObject => ({ processingType: 'BATCH', integration: 'REFIT', jobType: type });

function decisionEvents(
  decision: RetrainDecision,
  outcome: DecisionOutcome | undefined,
  endedAt: Instant,
): readonly Event[] {
  const ran = decisionRan(decision);
  const job = { jobType: jobType('DECISION') };
  const body: JsonObject = {
    decision: decision.id,
    verdict: decision.decision,
    summary: decision.summary,
    because: decision.because as unknown as Json,
    champion: decision.championVersion ?? null,
  };
  const run = { nominalTime: { nominalStartTime: toIso(decision.now) } };
  // Without an outcome the process died, so the decision counts as aborted.
  const type = outcome === undefined ? 'ABORT' : outcome.outcome === 'failed' ? 'FAIL' : 'COMPLETE';
  return [
    { type: 'START', at: decision.decidedAt, ran, run: { ...run, refit_decision: body }, job },
    {
      type,
      at: later(outcome?.at, endedAt),
      ran,
      run: { ...run, refit_decision: { ...body, outcome: outcome?.outcome ?? null } },
      job,
    },
  ];
}

/** The time, but not before `earliest`: a clock that was set back must not end anything before it started. */
const later = (at: Instant | undefined, earliest: Instant): Instant => instantOf(Math.max(at ?? earliest, earliest));

function runEvents(context: EventContext, lastStepAt: Instant | undefined): readonly [Event, Event] {
  const { facts } = context;
  const { run, steps, made, decision } = facts;
  const ran = runRan(facts);
  const bodies: Bodies = {
    ...runBodies(facts),
    parent: decision === undefined ? undefined : parentOf(decisionRan(decision), context),
  };
  const job: Bodies = {
    jobType: jobType('PIPELINE'),
    sourceCodeLocation: locationOf(facts),
    sourceCode: facts.definition === undefined ? undefined : { language: 'yaml', sourceCode: facts.definition },
    documentation: facts.description === undefined ? undefined : { description: facts.description },
    ownership: facts.owner === undefined ? undefined : { owners: [{ name: facts.owner }] },
  };
  const models = new Set(made.map(({ version }) => version.path));
  const end: Event = {
    type: RUN_END[run.status],
    at: later(run.finishedAt, later(lastStepAt, run.startedAt)),
    ran,
    run: { ...bodies, ...endBodies(facts) },
    job,
    inputs: fromOutside(steps).map((use) => inputOf(use, context)),
    outputs: onePerPath(steps.flatMap(({ writes }) => writes).filter(({ path }) => models.has(path))).map((use) =>
      outputOf(use, context),
    ),
  };
  return [{ type: 'START', at: run.startedAt, ran, run: bodies, job }, end];
}

function stepEvents(
  step: StepFacts,
  context: EventContext,
  failureText: EventOptions['failureText'],
): readonly Event[] {
  const { execution, command, reads, writes } = step;
  const { facts } = context;
  const ran = stepRan(step, facts);
  const run: Bodies = {
    parent: parentOf(runRan(facts), context),
    ...stepBodies(step, facts.run),
    jobDependencies: dependenciesOf(step, context),
  };
  const job: Bodies = {
    jobType: jobType('STEP'),
    sourceCodeLocation: locationOf(facts),
    sourceCode: command === undefined ? undefined : { language: 'shell', sourceCode: command },
  };
  return [
    { type: 'START', at: execution.startedAt, ran, run, job },
    {
      type: STEP_END[execution.status],
      at: later(execution.finishedAt, execution.startedAt),
      ran,
      run: { ...run, ...stepEndBodies(step, facts.run, failureText) },
      job,
      inputs: reads.map((use) => inputOf(use, context)),
      outputs: writes.map((use) => outputOf(use, context)),
    },
  ];
}

/** Steps of the same run whose outputs this step read. */
function dependenciesOf(step: StepFacts, context: EventContext): JsonObject | undefined {
  const makers = context.facts.steps.filter(
    (other) =>
      other !== step &&
      other.writes.some(({ path }) =>
        step.reads.some((read) => isAtOrBelow(read.path, path) || isAtOrBelow(path, read.path)),
      ),
  );
  if (makers.length === 0) return undefined;
  return {
    upstream: makers.map((maker) => ({
      ...named(stepRan(maker, context.facts), context),
      dependency_type: 'DIRECT_INVOCATION',
    })),
  };
}

/** Inputs that no step of the run made. */
function fromOutside(steps: readonly StepFacts[]): readonly ProfiledUse[] {
  const written = steps.flatMap(({ writes }) => writes.map(({ path }) => path));
  const reads = steps.flatMap((step) => step.reads);
  return onePerPath(reads.filter((use) => !written.some((path) => isAtOrBelow(use.path, path))));
}

const onePerPath = (uses: readonly ProfiledUse[]): readonly ProfiledUse[] => [
  ...new Map(uses.map((use) => [use.path, use])).values(),
];

/** The commit as a SWHID (ISO/IEC 18670), because the registry does not know the URL of the repository. */
function locationOf({ run }: RunFacts): JsonObject | undefined {
  const { commit, branch } = run.code;
  if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) return undefined;
  return {
    type: 'git',
    url: `swh:1:rev:${commit}`,
    path: run.file,
    version: commit,
    branch,
  };
}

import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { LineageEvents } from '../../domain/ports/lineage-events.js';
import type { RunStatus, StepStatus } from '../../domain/runs/run.js';
import type { ProfiledUse, RunFacts, StepFacts } from '../../domain/runs/run-facts.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { type Instant, instantOf, toIso } from '../../domain/support/time.js';
import { runUuid } from '../run-uuid.js';
import { inputOf, outputOf, type Told } from './datasets.js';
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
  /** Of refit, as the one that wrote the events. */
  readonly version: string;
  /** One sentence of a stored failure. */
  readonly failureText: (failure: JsonObject) => string;
}

/** What a lineage system calls something that ran: a decision, the run it led to, a step of it. */
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

/** OpenLineage 2-0-2: START and an end for the decision, the run and every step of it. */
export function createLineageEvents({ version, failureText }: EventOptions): LineageEvents {
  const producer = `urn:refit:${version}`;
  return {
    ofRun: (facts, namespace) => {
      const told: Told = { facts, namespace, producer };
      const { decision, outcome } = facts;
      const steps = facts.steps.flatMap((step) => stepEvents(step, told, failureText)).sort((a, b) => a.at - b.at);
      const [start, end] = runEvents(told, steps.at(-1)?.at);
      const around = decision === undefined ? [] : decisionEvents(decision, outcome, end.at);
      return [...around.slice(0, 1), start, ...steps, end, ...around.slice(1)].map((event) => written(event, told));
    },
    ofTest: (at, namespace) => ({
      eventTime: toIso(at),
      producer,
      schemaURL: JOB_SCHEMA,
      job: { namespace: namespaceOf({ namespace }), name: 'refit-test' },
    }),
  };
}

const written = ({ type, at, ran, run, job, inputs = [], outputs = [] }: Event, told: Told): JsonObject => ({
  eventType: type,
  eventTime: toIso(at),
  producer: told.producer,
  schemaURL: SCHEMA,
  run: { runId: ran.id, facets: facetsOf(run, told.producer) },
  job: { namespace: namespaceOf(told), name: ran.job, facets: facetsOf(job, told.producer) },
  inputs,
  outputs,
});

const namespaceOf = ({ namespace }: Pick<Told, 'namespace'>): string => namespace ?? 'refit';

// a step's name has no "/", so no step is taken for the decision
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

const named = ({ id, job }: Ran, told: Told): { readonly run: JsonObject; readonly job: JsonObject } => ({
  run: { runId: id },
  job: { namespace: namespaceOf(told), name: job },
});

const parentOf = (parent: Ran, told: Told): JsonObject => ({
  ...named(parent, told),
  root: named(rootOf(told.facts), told),
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
  // its process died before it could say what came of it
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

/** A wall clock that was put back does not end anything before it began. */
const later = (at: Instant | undefined, earliest: Instant): Instant => instantOf(Math.max(at ?? earliest, earliest));

function runEvents(told: Told, lastStepAt: Instant | undefined): readonly [Event, Event] {
  const { facts } = told;
  const { run, steps, made, decision } = facts;
  const ran = runRan(facts);
  const bodies: Bodies = {
    ...runBodies(facts),
    parent: decision === undefined ? undefined : parentOf(decisionRan(decision), told),
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
    inputs: fromOutside(steps).map((use) => inputOf(use, told)),
    outputs: onePerPath(steps.flatMap(({ writes }) => writes).filter(({ path }) => models.has(path))).map((use) =>
      outputOf(use, told),
    ),
  };
  return [{ type: 'START', at: run.startedAt, ran, run: bodies, job }, end];
}

function stepEvents(step: StepFacts, told: Told, failureText: EventOptions['failureText']): readonly Event[] {
  const { execution, command, reads, writes } = step;
  const { facts } = told;
  const ran = stepRan(step, facts);
  const run: Bodies = {
    parent: parentOf(runRan(facts), told),
    ...stepBodies(step, facts.run),
    jobDependencies: dependenciesOf(step, told),
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
      inputs: reads.map((use) => inputOf(use, told)),
      outputs: writes.map((use) => outputOf(use, told)),
    },
  ];
}

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The steps of the same run that made what it read. */
function dependenciesOf(step: StepFacts, told: Told): JsonObject | undefined {
  const makers = told.facts.steps.filter(
    (other) =>
      other !== step &&
      other.writes.some(({ path }) => step.reads.some((read) => isIn(read.path, path) || isIn(path, read.path))),
  );
  if (makers.length === 0) return undefined;
  return {
    upstream: makers.map((maker) => ({
      ...named(stepRan(maker, told.facts), told),
      dependency_type: 'DIRECT_INVOCATION',
    })),
  };
}

/** What no step of the run made. */
function fromOutside(steps: readonly StepFacts[]): readonly ProfiledUse[] {
  const written = steps.flatMap(({ writes }) => writes.map(({ path }) => path));
  const reads = steps.flatMap((step) => step.reads);
  return onePerPath(reads.filter((use) => !written.some((path) => isIn(use.path, path))));
}

const onePerPath = (uses: readonly ProfiledUse[]): readonly ProfiledUse[] => [
  ...new Map(uses.map((use) => [use.path, use])).values(),
];

/** The registry knows no address of the repository: a commit is named by its own id, as a SWHID (ISO/IEC 18670). */
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

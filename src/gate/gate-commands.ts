import type { RunId, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { GateRule, Pipeline } from '../domain/pipeline/pipeline.js';
import type { ProcessResult } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { hasSucceeded } from '../domain/runs/run.js';
import { baseName } from '../domain/support/paths.js';
import { formatDuration } from '../domain/support/time.js';
import { resolveCommand } from '../execute/attempt/command.js';
import { withoutSecrets } from '../execute/attempt/environment.js';
import { runCommand } from '../execute/attempt/run-command.js';
import type { CommandResult } from './judge/judgement-input.js';
import { watchMemory } from './watch-memory.js';

type CommandRule = Extract<GateRule, { readonly kind: 'smoke' | 'latency' }>;

interface Asked {
  readonly pipeline: Pipeline;
  readonly candidate: ModelVersion;
  readonly run: RunId;
}

/**
 * Runs the gate's commands on a copy of the candidate, one after the other, so that they do not disturb time
 * measurements.
 */
export async function runGateCommands(services: Services, asked: Asked): Promise<readonly CommandResult[]> {
  const rules = (asked.pipeline.model?.gate ?? []).filter((rule) => rule.kind === 'smoke' || rule.kind === 'latency');
  const results: CommandResult[] = [];
  for (const [i, rule] of rules.entries()) results.push(await runOne(services, asked, rule, i));
  return results;
}

async function runOne(services: Services, asked: Asked, rule: CommandRule, place: number): Promise<CommandResult> {
  const { candidate } = asked;
  const scratch = await services.files.makeScratch(rule.kind);
  try {
    const modelPath = `${scratch}/${baseName(candidate.path)}` as WorkspacePath;
    const restored = await services.artifacts.restore(candidate.hash, modelPath);
    if (!restored.ok) return { isGood: false, detail: 'the stored model is damaged' };
    const place1 = place === 0 ? '' : `-${place + 1}`;
    const logPath = `.refit/logs/${asked.run}/${rule.kind}${place1}-${candidate.model}@${candidate.version}.log`;
    const command: GateCommand = { ...asked, rule, modelPath, logPath, scratch };
    return rule.kind === 'smoke' ? await runSmoke(services, command, rule) : await timeIt(services, command, rule);
  } finally {
    await services.files.remove(scratch);
  }
}

interface GateCommand extends Asked {
  readonly rule: CommandRule;
  readonly modelPath: WorkspacePath;
  readonly logPath: string;
  readonly scratch: WorkspacePath;
}

async function runSmoke(
  services: Services,
  command: GateCommand,
  rule: Extract<CommandRule, { readonly kind: 'smoke' }>,
): Promise<CommandResult> {
  await using memory = watchMemory(services, rule.memoryBytes);
  const result = await runOnce({ ...services, signal: memory.signal }, command, { onStarted: memory.watch });
  const name = rule.command.kind === 'shell' ? 'smoke test' : argvOf(command).join(' ');
  const over = memory.verdict();
  if (over !== undefined) return { isGood: false, detail: `${name}: ${over}` };
  return { isGood: hasSucceeded(result.outcome), detail: `${name}: ${howItEnded(result, command)}` };
}

/** Wall-clock times of whole runs, or the times that the command measured and wrote itself. */
async function timeIt(
  services: Services,
  command: GateCommand,
  rule: Extract<CommandRule, { readonly kind: 'latency' }>,
): Promise<CommandResult> {
  const path = `${command.scratch}/latency.txt`;
  const env = { REFIT_LATENCY: services.files.absolute(path) };
  const wall: number[] = [];
  for (let i = 0; i <= rule.runs; i++) {
    // The first run pays for caches and just-in-time compilation, which serving does not, so it is not counted.
    await services.files.writeScratch(path, '');
    const startedMs = services.clock.monotonicMs();
    const result = await runOnce(services, command, { env });
    if (!hasSucceeded(result.outcome)) return { isGood: false, detail: howItEnded(result, command) };
    const written = await services.files.readText(path);
    const own = written.ok ? numbersOf(written.value) : [];
    if (typeof own === 'string')
      return { isGood: false, detail: `"${own}" in $REFIT_LATENCY is not a time in milliseconds` };
    if (i > 0) wall.push(...(own.length > 0 ? own : [services.clock.monotonicMs() - startedMs]));
  }
  const sorted = [...wall].sort((a, b) => a - b);
  const latencyMs = sorted[Math.ceil(rule.quantile * sorted.length) - 1] ?? Number.NaN;
  const which = rule.quantile === 1 ? 'the longest' : `${Number((rule.quantile * 100).toFixed(1))} %`;
  return { isGood: true, latencyMs, detail: `${which} of ${sorted.length} times: ${formatDuration(latencyMs)}` };
}

/** The numbers in a text, one on each line. If a line is not a number of at least 0, that line. */
function numbersOf(text: string): readonly number[] | string {
  const words = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const values = words.map(Number);
  const bad = values.findIndex((value) => !Number.isFinite(value) || value < 0);
  return bad < 0 ? values : (words[bad] ?? '');
}

const argvOf = ({ rule, pipeline, modelPath, run }: GateCommand): readonly string[] =>
  resolveCommand(rule.command, { params: pipeline.params, modelPath, runId: run });

function runOnce(
  services: Services,
  command: GateCommand,
  more: {
    readonly env?: Readonly<Record<string, string>>;
    readonly onStarted?: Parameters<typeof runCommand>[1]['onStarted'];
  },
): Promise<ProcessResult> {
  const { pipeline, run, rule, logPath } = command;
  return runCommand(services, {
    argv: argvOf(command),
    env: {
      ...withoutSecrets(pipeline, services.surroundings.env()),
      REFIT_RUN_ID: run,
      REFIT_STEP: rule.kind,
      ...more.env,
    },
    environment: pipeline.environment,
    logPath,
    timeoutMs: rule.timeoutMs,
    onStarted: more.onStarted,
  });
}

function howItEnded(result: ProcessResult, { rule, logPath }: GateCommand): string {
  const { outcome, tail } = result;
  const how =
    outcome.kind === 'exited'
      ? `exited with ${outcome.exitCode}`
      : outcome.kind === 'timed-out'
        ? `ran longer than ${formatDuration(rule.timeoutMs)}`
        : outcome.kind === 'signalled'
          ? `was ended by ${outcome.signal}`
          : outcome.kind;
  return hasSucceeded(result.outcome) ? how : `${how} (${tail.at(-1) ?? 'no output'}; log ${logPath})`;
}

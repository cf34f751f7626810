import type { Failure } from '../domain/failure.js';
import { assertNever } from '../domain/support/result.js';
import { formatDuration } from '../domain/support/time.js';
import type { FailureText } from './failure-words.js';
import { tableText } from './table-text.js';

const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.slice(0, 12).join(', '));

/** What happened, where, and what to do next: the only place with prose for failures. */
export function failureText(failure: Failure): FailureText {
  switch (failure.code) {
    case 'invalid-pipeline':
      return { what: 'the pipeline file is wrong', next: 'nothing has run; mend the lines above' };
    case 'invalid-filter':
      return { what: 'the filter is wrong', next: 'see "refit runs --help"' };
    case 'usage':
      return { what: failure.problem, next: failure.next };
    case 'no-workspace':
      return {
        what: `no workspace: no folder from ${failure.searchedFrom} upwards holds refit.yaml, .refit/ or pipelines/`,
        next: 'go to your project, or make one here with "refit init"',
      };
    case 'pipeline-not-found':
      return {
        what: `there is no pipeline "${failure.name}"`,
        next:
          failure.available.length === 0
            ? 'there are no pipelines here: write pipelines/<name>.yaml, or start with "refit init"'
            : `pipelines here: ${list(failure.available)}`,
      };
    case 'section-missing':
      return {
        what: `${failure.command} needs the section "${failure.section}", which ${failure.pipeline} does not have`,
        lines: failure.lines.split('\n'),
        next: `add lines like these to ${failure.pipeline}`,
      };
    case 'not-found':
      return {
        what: `there is no ${failure.what} "${failure.name}"`,
        next: failure.available.length === 0 ? failure.next : `there are: ${list(failure.available)}; ${failure.next}`,
      };
    case 'now-before-last-decision':
      return {
        what: `--now ${failure.now} lies before the last decision (${failure.last}): the ledger only goes forward`,
        next: 'give a later time, or look without recording with --dry-run',
      };
    default:
      return stepText(failure);
  }
}

type Later = Exclude<
  Failure,
  {
    code:
      | 'invalid-pipeline'
      | 'invalid-filter'
      | 'usage'
      | 'no-workspace'
      | 'pipeline-not-found'
      | 'section-missing'
      | 'not-found'
      | 'now-before-last-decision';
  }
>;

const seeLog = (logPath: string): string =>
  `read the whole log: ${logPath}; then run again, finished steps are skipped`;

function stepText(failure: Later): FailureText {
  switch (failure.code) {
    case 'step-exited':
      return {
        what: `step "${failure.step}" exited with ${failure.exitCode}${failure.isDiskFull === true ? ', and the disk is full' : ''}`,
        lines: failure.tail,
        next:
          failure.isDiskFull === true
            ? `make room on the disk, then run again; the log: ${failure.logPath}`
            : failure.exitCode === 127
              ? `the shell did not find a program: install it, or mend "run"; the log: ${failure.logPath}`
              : seeLog(failure.logPath),
      };
    case 'step-signalled':
      return {
        what: `step "${failure.step}" was ended by ${failure.signal}${failure.signal === 'SIGKILL' ? ' (out of memory, or kill -9)' : ''}`,
        lines: failure.tail,
        next: seeLog(failure.logPath),
      };
    case 'step-timed-out':
      return {
        what: `step "${failure.step}" ran longer than ${formatDuration(failure.afterMs)}`,
        lines: failure.tail,
        next: `raise its "timeout", or see ${failure.logPath}`,
      };
    case 'step-not-started':
      return {
        what: `step "${failure.step}" could not be started: ${failure.reason}`,
        next: 'mend its "run" or install the program; where it was the system, run the command again',
      };
    case 'step-cancelled':
      return { what: `step "${failure.step}" was cancelled`, next: 'run again: finished steps are skipped' };
    case 'input-missing':
      return {
        what: `step "${failure.step}" reads "${failure.path}", which does not exist`,
        next: 'create it, or mend "inputs"',
      };
    case 'input-moved':
      return {
        what: `inputs of step "${failure.step}" changed while it ran: ${list(failure.paths)}`,
        next: 'its outputs are kept and the run is tainted: run again when nobody writes there',
      };
    case 'output-missing':
      return {
        what: `step "${failure.step}" ended well but did not write "${failure.path}"`,
        next: `write it, or take it from "outputs"; the log: ${failure.logPath}`,
      };
    case 'output-moved':
      return {
        what: `"${failure.path}", an output of step "${failure.step}", was changed by something else before it was stored`,
        next: 'find what else writes it (a step that changes its input in place?); the next run makes it again',
      };
    case 'metrics-invalid':
      return {
        what: `metrics of step "${failure.step}" (${failure.path}): ${failure.key === undefined ? '' : `"${failure.key}": `}${failure.problem}`,
        next: 'write a JSON object of finite numbers, JSON lines, or CSV',
      };
    case 'expectation-failed': {
      const limits = [
        failure.min === undefined ? '' : `at least ${failure.min}`,
        failure.max === undefined ? '' : `at most ${failure.max}`,
      ];
      return {
        what: `step "${failure.step}": ${failure.metric} is ${failure.value ?? 'missing'}, expected ${limits.filter(Boolean).join(' and ')}`,
        next: 'the outputs were put back; look into the step, or change "expect"',
      };
    }
    case 'output-unexpected':
      return {
        what:
          failure.problem === 'empty'
            ? `step "${failure.step}": output "${failure.output}" is empty, expected not_empty`
            : `step "${failure.step}": output "${failure.output}" has sha256 ${failure.found}, expected ${failure.expected}`,
        next: 'the last good outputs were put back; look into the step, or change "expect"',
      };
    case 'env-missing':
      return {
        what: `step "${failure.step}" needs the ${failure.kind === 'secret' ? 'secret' : 'environment variable'} ${failure.name}, which is not set`,
        next: `set it and run again: export ${failure.name}=…`,
      };
    default:
      return worldText(failure);
  }
}

type World = Exclude<
  Later,
  {
    code:
      | 'step-exited'
      | 'step-signalled'
      | 'step-timed-out'
      | 'step-not-started'
      | 'step-cancelled'
      | 'input-missing'
      | 'input-moved'
      | 'output-missing'
      | 'output-moved'
      | 'metrics-invalid'
      | 'expectation-failed'
      | 'output-unexpected'
      | 'env-missing';
  }
>;

function worldText(failure: World): FailureText {
  switch (failure.code) {
    case 'file-unreadable':
      return { what: `${failure.path} cannot be read: ${failure.reason}`, next: 'check the path and its permissions' };
    case 'file-unwritable':
      return {
        what: `${failure.path} cannot be written: ${failure.reason}`,
        next: 'check the folder, its permissions and the disk',
      };
    case 'path-outside-workspace':
      return { what: `${failure.path} lies outside the workspace`, next: 'use a path below the workspace root' };
    case 'data-unreadable':
      return {
        what: `${failure.source} cannot be read as a table: ${failure.reason}`,
        next: 'refit reads CSV, TSV, Parquet, JSON and JSON lines; check the file and the column names',
      };
    case 'table-malformed':
      return tableText(failure);
    case 'data-empty':
      return {
        what: `${failure.source} is empty: ${failure.detail}`,
        next: 'check the path in "datasets", the feed, and --now',
      };
    case 'columns-differ':
      return {
        what: `${failure.current} has other columns than ${failure.reference}: missing ${list(failure.missing)}, added ${list(failure.added)}`,
        next: 'let "prepare" make the columns that the reference has',
      };
    case 'model-missing':
      return {
        what: `the model "${failure.path}" of ${failure.pipeline} is not there`,
        next: `run it: refit run ${failure.pipeline}`,
      };
    case 'evaluation-invalid':
      return {
        what: `the evaluation of ${failure.version} at ${failure.path} is of no use: ${failure.problem}`,
        next: 'let "evaluate" write a JSON object of metrics there',
      };
    case 'promotion-refused':
      return {
        what: `the gate refuses ${failure.version}: ${list(failure.checks)}`,
        next: 'train a better one, or promote --force --reason "…"',
      };
    case 'publish-conflict':
      return {
        what: `${failure.model} was published by somebody else meanwhile (${failure.found}, expected ${failure.expected})`,
        next: 'look at "refit models" and try again',
      };
    case 'hook-failed':
      return {
        what: `${failure.hook} failed`,
        lines: failure.reason.split('\n'),
        next: 'mend it and publish again; "refit status" says what serves now',
      };
    case 'busy':
      return {
        what: `pipeline "${failure.pipeline}" is busy: ${failure.holder ?? 'another process'} holds it${failure.run === undefined ? '' : `, for run ${failure.run}`}`,
        next: `${failure.run === undefined ? '' : `watch it (refit logs ${failure.run} -f), or `}wait for it (--wait 10m); the lock goes away with its process`,
      };
    case 'orphans-alive':
      return {
        what: `processes of the lost run ${failure.run} still run, and do not end even when killed: ${failure.pids.join(', ')}`,
        next: 'nothing is started beside them; end them (kill -9, as their owner) and run again',
      };
    case 'integrity':
      return {
        what: `${failure.what}: expected ${failure.expected.slice(0, 16)}, found ${failure.found.slice(0, 16)}`,
        next: failure.next,
      };
    case 'remote-unreachable':
      return {
        what: `the remote ${failure.remote} cannot be used: ${failure.reason}`,
        next: 'nothing half done is there: mend it and give the same command again, which carries on where this one ended',
      };
    case 'champion-overtaken':
      return {
        what: `${failure.ours} is not the champion at ${failure.remote}: ${failure.theirs} was pushed first; your runs and versions are there, the promotion is not`,
        next: `refit pull ${failure.remote}, then judge again: refit retrain, or refit promote, and push`,
      };
    case 'registry-unusable':
      return {
        what: `the registry ${failure.path} cannot be used: ${failure.reason}`,
        next: 'check the disk and permissions; restore it from a backup if it is damaged',
      };
    case 'bug':
      return {
        what: `a bug in refit ended the work on ${failure.pipeline}`,
        lines: failure.stack.split('\n'),
        next: 'nothing recorded is lost; please report it with the lines above and the command you gave',
      };
    case 'unsupported':
      return { what: `${failure.what} is not supported`, next: failure.next };
    default:
      return assertNever(failure);
  }
}

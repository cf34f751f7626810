import type { Failure } from '../../../domain/failure.js';
import { formatDuration } from '../../../domain/support/time.js';
import { listOf, type TextsOf } from './failure-words.js';

interface Again {
  readonly logPath: string;
  readonly isApart?: boolean;
}

/** What a second try does with the steps that have finished. */
const seeLog = ({ logPath, isApart }: Again): string =>
  `read the whole log: ${logPath}; then run again${isApart === true ? '' : ', finished steps are skipped'}`;

/** Of a cluster. */
const onNode = ({ node }: { readonly node?: string }): string => (node === undefined ? '' : ` on ${node}`);

const ENGINES = ['podman', 'docker', 'apptainer'];
const inWords = (engines: readonly string[] = ENGINES): string =>
  [engines.slice(0, -1).join(', '), ...engines.slice(-1)].join(' and ');

const JOB_ENDS = {
  preempted: 'was preempted',
  requeued: 'was put back into the queue',
  evicted: 'was evicted from its node',
  'node-failed': 'was lost with its node',
  'out-of-memory': 'needed more memory than it had asked for',
  vanished: 'has left the queue without a result',
} as const;

const STAGING = {
  unreachable: 'it is unreachable',
  damaged: 'its bytes are damaged',
  missing: 'it is missing there',
  disk: 'the disk refuses',
  'too-large': 'it is too large',
  link: 'it is a link that leads out of what the step declares',
} as const;

/** What to do after a file did not get through a store. */
function stagingNext({ cause, doing, node, store, isInPod }: Extract<Failure, { code: 'staging-failed' }>): string {
  const where = node === undefined ? 'here' : `on ${node}`;
  if (cause === 'unreachable')
    return `make ${store} reachable ${where}, then run again; "remote" in refit.yaml names it${node === undefined || isInPod === true ? '' : '; if the command had ended, what it made is kept there, in the folder refit-job-* of the job'}`;
  if (cause === 'disk')
    return node === undefined
      ? 'make room on the disk, or mend what it says, then run again'
      : isInPod === true
        ? `make room on the disk of ${node}, or choose other nodes in refit.yaml (node_selector), then run again`
        : `make room on ${node}, or name another folder in refit.yaml (scratch: /large/disk), then run again`;
  if (cause === 'too-large')
    return 'let the step read or write smaller files, or fewer, or name a folder under "remotes"; then run again';
  if (cause === 'link') return 'let the step copy what the link leads to, then run again';
  if (doing === 'put') return 'find what changed the file meanwhile, then run again';
  return 'run again: what the remote lacks is put there again';
}

/** Failures of steps: their commands, inputs, outputs, metrics and expectations. */
export const stepFailures = {
  'step-exited': (failure) => ({
    what: `step "${failure.step}" exited with ${failure.exitCode}${failure.isDiskFull === true ? ', and the disk is full' : ''}`,
    lines: failure.tail,
    next:
      failure.isDiskFull === true
        ? `make room on the disk, then run again; the log: ${failure.logPath}`
        : failure.exitCode === 127
          ? `the shell did not find a program: install it, or fix "run"; the log: ${failure.logPath}`
          : seeLog(failure),
  }),
  'step-signalled': (failure) => ({
    what: `step "${failure.step}" was ended by ${failure.signal}${failure.signal === 'SIGKILL' ? ' (out of memory, or kill -9)' : ''}`,
    lines: failure.tail,
    next: seeLog(failure),
  }),
  'step-timed-out': (failure) => ({
    what: `step "${failure.step}" ran longer than ${formatDuration(failure.afterMs)}`,
    lines: failure.tail,
    next: `raise its "timeout", or see ${failure.logPath}`,
  }),
  'step-not-started': (failure) => ({
    what: `step "${failure.step}" could not be started: ${failure.reason}`,
    next: 'fix its "run" or install the program; if the system was the cause, run the command again',
  }),
  'checkpoint-foreign': (failure) => ({
    what: `the checkpoint "${failure.path}" of step "${failure.step}" is not a folder that refit made`,
    next: 'refit removes a checkpoint when the step has succeeded: name a new folder, or remove what is there',
  }),
  'command-refused': (failure) => ({
    what: `the command of ${failure.step} is not started: ${failure.reason}`,
    next: 'read the command in the pipeline file; if you trust it, leave --no-commands out',
  }),
  'container-engine-missing': (failure) => ({
    what: `step "${failure.step}" runs in the image ${failure.image}, and ${failure.engine === undefined ? `none of ${inWords(failure.engines)} is` : `${failure.engine} is not`} on the PATH${onNode(failure)}`,
    next:
      failure.engine === undefined
        ? `install one of them${onNode(failure)} (Debian: apt install podman runc catatonit), or remove "image" to run the step without one`
        : `install it${onNode(failure)}, or name another one in refit.yaml (container: { engine: podman }), or remove "image"`,
  }),
  'image-unavailable': (failure) => ({
    what: `${failure.engine}${onNode(failure)} has no image ${failure.image}, and could not get it`,
    lines: failure.tail,
    next: 'check its name and your login to the registry; build it or pull it by hand, then run again',
  }),
  'container-not-started': (failure) => ({
    what: `${failure.engine}${onNode(failure)} could not start the container of step "${failure.step}" (image ${failure.image}), or the step itself exited with 125`,
    lines: failure.tail,
    next: `mend what ${failure.engine} says; its options stand under "container" in refit.yaml; the log: ${failure.logPath}`,
  }),
  'job-ended': (failure) => ({
    what: `the ${failure.engine} job ${failure.job} of step "${failure.step}"${failure.node === undefined ? '' : ` on ${failure.node}`} ${JOB_ENDS[failure.reason]} (${failure.reason})`,
    lines: failure.tail,
    next:
      failure.reason === 'out-of-memory'
        ? `give the step more "memory" under "resources"; the log: ${failure.logPath}`
        : `run again, or let refit try again by itself: retries: { count: 3, on: preempted }; the log: ${failure.logPath}`,
  }),
  'staging-failed': (failure) => ({
    what: `step "${failure.step}": ${failure.path} could not be ${failure.doing === 'fetch' ? 'fetched from' : 'put into'} the remote ${failure.store}${failure.node === undefined ? '' : ` on ${failure.node}`}: ${STAGING[failure.cause]} (${failure.reason})${failure.kept === undefined ? '' : `; what the step made is kept there in ${failure.kept}`}`,
    next: stagingNext(failure),
  }),
  'step-cancelled': (failure) => ({
    what: `step "${failure.step}" was cancelled`,
    next: failure.isApart === true ? 'run it again' : 'run again: finished steps are skipped',
  }),
  'input-missing': (failure) => ({
    what:
      failure.value === undefined
        ? `step "${failure.step}" reads "${failure.path}", which does not exist`
        : `step "${failure.step}" reads the value "${failure.value}" of "${failure.path}", which has none of this name`,
    next: failure.value === undefined ? 'create it, or fix "inputs"' : 'add it to the file, or fix "keys"',
  }),
  'values-unreadable': (failure) => ({
    what: `step "${failure.step}" reads values of "${failure.path}", which cannot be read: ${failure.reason}`,
    next: `correct the file, or list the whole file in "inputs": - ${failure.path}`,
  }),
  'input-moved': (failure) => ({
    what: `inputs of step "${failure.step}" changed while it ran: ${listOf(failure.paths)}`,
    next: 'its outputs are kept and the run is tainted: run again when nothing else writes there',
  }),
  'output-missing': (failure) => ({
    what: `step "${failure.step}" succeeded but did not write "${failure.path}"`,
    next: `write it, or remove it from "outputs"; the log: ${failure.logPath}`,
  }),
  'output-moved': (failure) => ({
    what: `"${failure.path}", an output of step "${failure.step}", was changed by something else before it was stored`,
    next: 'find what else writes it (a step that changes its input in place?); the next run writes it again',
  }),
  'metrics-invalid': (failure) => ({
    what: `metrics of step "${failure.step}" (${failure.path}): ${failure.key === undefined ? '' : `"${failure.key}": `}${failure.problem}`,
    next: 'write a JSON object of finite numbers, JSON lines, or CSV',
  }),
  'expectation-failed': (failure) => {
    const limits = [
      failure.min === undefined ? '' : `at least ${failure.min}`,
      failure.max === undefined ? '' : `at most ${failure.max}`,
    ];
    return {
      what: `step "${failure.step}": ${failure.metric} is ${failure.value ?? 'missing'}, expected ${limits.filter(Boolean).join(' and ')}`,
      next: 'the last good outputs were put back; fix the step, or change "expect"',
    };
  },
  'output-unexpected': (failure) => ({
    what:
      failure.problem === 'empty'
        ? `step "${failure.step}": output "${failure.output}" is empty, expected not_empty`
        : `step "${failure.step}": output "${failure.output}" has sha256 ${failure.found}, expected ${failure.expected}`,
    next: 'the last good outputs were put back; fix the step, or change "expect"',
  }),
  'environment-missing': (failure) => ({
    what: `step "${failure.step}" runs in ${failure.kind}: ${failure.name}, and ${failure.reason}`,
    next: failure.next,
  }),
  'env-missing': (failure) => ({
    what: `${failure.owner ?? 'step'} "${failure.step}" needs the ${failure.kind === 'secret' ? 'secret' : 'environment variable'} ${failure.name}, which is not set`,
    next: `set it and run again: export ${failure.name}=…`,
  }),
} satisfies Partial<TextsOf>;

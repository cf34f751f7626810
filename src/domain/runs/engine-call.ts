import type { ContainerEngine } from '../pipeline/container.js';
import type { ProcessOutcome } from './run.js';

export interface ContainerCommand {
  readonly engine: ContainerEngine;
  /** What the engine knows the image by. It is there already. */
  readonly image: string;
  readonly name: string;
  /** The command of the step. */
  readonly argv: readonly string[];
  /** Absolute. Mounted at the same path, so that paths in variables and logs are right on both sides. */
  readonly root: string;
  /** Absolute. Folders outside the workspace that links lead to: mounted at the same path, for reading. */
  readonly linked: readonly string[];
  /** Variables whose values may be seen in the list of processes. */
  readonly open: Readonly<Record<string, string>>;
  /** Variables that the engine takes from its own environment, so that their values are on no command line. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Absent where the system has no such ids. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly options: readonly string[];
}

/** How to start the engine: its words, and the variables that it needs besides its usual environment. */
export interface EngineCall {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export const engineCall = (command: ContainerCommand): EngineCall =>
  command.engine === 'apptainer' ? apptainerCall(command) : dockerCall(command);

/** Exit code of Podman and Docker where they could not start the container. */
export const ENGINE_FAILED = 125;

/** `--rm`: Podman and Docker remove the container before they exit by themselves, unless they failed. */
export const hasRemovedItself = (outcome: ProcessOutcome): boolean =>
  outcome.kind === 'exited' && outcome.exitCode !== ENGINE_FAILED;

/** Podman and Docker take the same words. */
function dockerCall({
  engine,
  image,
  argv,
  root,
  linked,
  open,
  inherited,
  user,
  ...rest
}: ContainerCommand): EngineCall {
  const [program = '', ...words] = argv;
  return {
    argv: [
      engine,
      'run',
      '--rm',
      // Without an init process as number 1, the kernel drops a TERM that the step does not catch.
      '--init',
      '--pull=never',
      `--name=${rest.name}`,
      // refit writes the log itself, with secrets masked.
      '--log-driver=none',
      '--stop-timeout=5',
      // SELinux would deny the mounted workspace; relabelling it would change the user's files.
      '--security-opt=label=disable',
      ...userOptions(engine, user),
      `--volume=${root}:${root}`,
      ...linked.map((folder) => `--volume=${folder}:${folder}:ro`),
      `--workdir=${root}`,
      ...Object.entries(open).map(([name, value]) => `--env=${name}=${value}`),
      ...Object.keys(inherited).map((name) => `--env=${name}`),
      // Later options win over these.
      ...rest.options,
      `--entrypoint=${program}`,
      image,
      ...words,
    ],
    env: inherited,
  };
}

/** Files that the step writes belong to who runs refit. Podman without root maps this user into the container. */
const userOptions = (engine: ContainerEngine, user: ContainerCommand['user']): readonly string[] => {
  if (user === undefined) return [];
  const isMapped = engine === 'podman' && user.uid !== 0;
  return [...(isMapped ? ['--userns=keep-id'] : []), `--user=${user.uid}:${user.gid}`];
};

/** Apptainer runs the step as this user and as its own child. It passes on variables with this prefix. */
const PASSED_ON = 'APPTAINERENV_';

const apptainerCall = ({
  engine,
  image,
  argv,
  root,
  linked,
  open,
  inherited,
  options,
}: ContainerCommand): EngineCall => ({
  argv: [
    engine,
    'exec',
    '--cleanenv',
    '--no-home',
    `--bind=${root}:${root}`,
    ...linked.map((folder) => `--bind=${folder}:${folder}:ro`),
    `--pwd=${root}`,
    ...options,
    image,
    ...argv,
  ],
  env: Object.fromEntries(
    Object.entries({ ...open, ...inherited }).map(([name, value]) => [`${PASSED_ON}${name}`, value]),
  ),
});

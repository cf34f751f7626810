import type { RemoteTrust } from '../domain/exchange/remote.js';
import type { Failure } from '../domain/failure.js';
import type { ProcessResult } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { hasSucceeded } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';

type Dependencies = Pick<Services, 'files' | 'processes' | 'surroundings' | 'signal'>;

/** What a signature is for, so that one made for something else, such as a commit, is none of an entry. */
const NAMESPACE = 'refit';
const TIMEOUT_MS = 60_000;

/**
 * The text of an entry with its signature. Every bundle and object is named in it by its hash, directly or in a bundle, so
 * the signature covers them all.
 */
export async function signedText(
  services: Dependencies,
  { signers, signingKey }: RemoteTrust,
  entry: object,
): Promise<Result<string, Failure>> {
  if (signers === undefined) return ok(JSON.stringify(entry));
  const key = services.surroundings.variables().REFIT_SIGNING_KEY ?? signingKey;
  if (key === undefined || key === '')
    return err({
      code: 'usage',
      problem: `this remote takes signed entries only (signers: ${signers}), and no key is named`,
      next: 'set REFIT_SIGNING_KEY to the path of your SSH key, or signing_key of the remote in refit.yaml',
    });
  const scratch = await services.files.makeScratch('sign');
  await services.files.writeScratch(`${scratch}/entry`, JSON.stringify(entry));
  const target = services.files.absolute(`${scratch}/entry`);
  const ran = await keygen(services, scratch, ['-Y', 'sign', '-f', homePath(services, key), '-n', NAMESPACE, target]);
  const signature = await services.files.readText(`${scratch}/entry.sig`);
  if (!hasSucceeded(ran.outcome) || !signature.ok)
    return err({
      code: 'usage',
      problem: `the entry could not be signed with ${key}: ${lastLine(ran)}`,
      next: 'name a private key, or a public one whose private half an ssh-agent holds',
    });
  const text = JSON.stringify({ ...entry, signature: signature.value });
  const fault = await faultOfSignature(services, signers, text);
  if (fault === undefined) return ok(text);
  return err({
    code: 'usage',
    problem: `${signers} does not list the key ${key}: ${fault}`,
    next: 'add a line with its public half, as for git: "you@example.com namespaces=\\"refit\\" ssh-ed25519 AAAA…"',
  });
}

/** Why the text of an entry is not signed by one of the signers; `undefined` if it is. */
export async function faultOfSignature(
  services: Dependencies,
  signers: string,
  text: string,
): Promise<string | undefined> {
  const { signature, ...entry } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (typeof signature !== 'string') return 'no signature';
  // What is signed is the entry as it would be without a signature, so its text must be the one that refit writes.
  if (text !== JSON.stringify({ ...entry, signature })) return 'a text that its signature does not cover';
  const scratch = await services.files.makeScratch('verify');
  await services.files.writeScratch(`${scratch}/entry`, JSON.stringify(entry));
  await services.files.writeScratch(`${scratch}/signature`, signature);
  const [message, proof] = [`${scratch}/entry`, `${scratch}/signature`].map(services.files.absolute);
  if (message === undefined || proof === undefined) return 'no signature';
  const list = homePath(services, signers);
  const found = await keygen(services, scratch, ['-Y', 'find-principals', '-f', list, '-s', proof]);
  const principal = hasSucceeded(found.outcome) ? (await printed(services, scratch))[0] : undefined;
  if (principal === undefined) return 'a signature by none of them';
  const args = ['-Y', 'verify', '-f', list, '-I', principal, '-n', NAMESPACE, '-s', proof];
  const verified = await keygen(services, scratch, args, message);
  return hasSucceeded(verified.outcome) ? undefined : `a signature that does not hold: ${lastLine(verified)}`;
}

/** Runs ssh-keygen, as git does for its signatures. `verify` reads the message from its standard input. */
function keygen(
  { files, processes, surroundings, signal }: Dependencies,
  scratch: string,
  args: readonly string[],
  input = '/dev/null',
): Promise<ProcessResult> {
  const { PATH = '', HOME = '', SSH_AUTH_SOCK } = surroundings.variables();
  return processes.run({
    argv: ['sh', '-c', 'input=$1; shift; exec ssh-keygen "$@" < "$input"', 'sh', input, ...args],
    cwd: files.root,
    env: { PATH, HOME, LC_ALL: 'C', ...(SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK }) },
    logPath: files.absolute(`${scratch}/log`),
    timeoutMs: TIMEOUT_MS,
    signal,
  });
}

const lastLine = ({ outcome, tail }: ProcessResult): string =>
  tail.at(-1) ?? (outcome.kind === 'exited' && outcome.exitCode === 127 ? 'ssh-keygen is not installed' : outcome.kind);

async function printed({ files }: Dependencies, scratch: string): Promise<readonly string[]> {
  const text = await files.readText(`${scratch}/log`);
  return text.ok ? text.value.split('\n').filter((line) => line !== '') : [];
}

/** A path of refit.yaml: absolute, below the home folder, or seen from the workspace. */
function homePath({ files, surroundings }: Dependencies, path: string): string {
  if (path.startsWith('/')) return path;
  if (path.startsWith('~/')) return `${surroundings.variables().HOME ?? ''}/${path.slice(2)}`;
  return `${files.root}/${path}`;
}

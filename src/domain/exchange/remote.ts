/** Target of push and pull, from `refit.yaml` or the command line. */
export type RemoteTarget =
  | {
      readonly kind: 'folder';
      /** Absolute, or relative to the workspace root. */
      readonly path: string;
    }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without a slash at either end. Empty for the whole bucket. */
      readonly prefix: string;
      readonly endpoint?: string;
      readonly region?: string;
      /** How long a connection may be silent. */
      readonly timeoutMs?: number;
    };

/** The longest text that is read from a remote at once: an entry of its log, the order of a job, or its result. */
export const MOST_ENTRY_BYTES = 64 * 2 ** 20;

/** Whose entries of a remote's log are trusted, and who signs on this machine. Paths are as in `refit.yaml`. */
export interface RemoteTrust {
  /** A file in the form of OpenSSH's allowed_signers. Absent: whoever can write to the remote is trusted. */
  readonly signers?: string;
  readonly signingKey?: string;
}

export type ConfiguredRemote = RemoteTarget & RemoteTrust;

/** The URL of a remote. Never contains credentials. */
export const remoteUrl = (target: RemoteTarget): string =>
  target.kind === 'folder' ? target.path : `s3://${target.bucket}${target.prefix === '' ? '' : `/${target.prefix}`}`;

/** Parses a folder path or `s3://bucket/prefix`. `undefined` for other kinds of address. */
export function parseRemoteUrl(
  url: string,
  more: { readonly endpoint?: string; readonly region?: string; readonly timeoutMs?: number } = {},
): RemoteTarget | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(url);
  if (scheme === null) return { kind: 'folder', path: url };
  const [bucket = '', ...prefix] = (scheme[2] ?? '').split('/');
  if (scheme[1] !== 's3' || bucket === '') return undefined;
  return { kind: 's3', bucket, prefix: prefix.filter((part) => part !== '').join('/'), ...more };
}

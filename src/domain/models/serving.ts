/** What a reader of the published folder would see otherwise than the registry says. */
export interface ServingFinding {
  readonly code: /** `current` is not there, points elsewhere, or is no link. */
    | 'link-missing'
    | 'link-moved'
    | 'link-replaced'
    /** The folder that serves is gone, or its bytes are not those registered. */
    | 'folder-missing'
    | 'model-changed'
    /** `current.json` is gone or says something else. */
    | 'pointer-missing'
    | 'pointer-changed'
    /** A command was killed while it published, or before deploy and verify had ended. */
    | 'publication-open'
    | 'hook-owed'
    /** An entry of the ledger is not as it was written. */
    | 'ledger-broken';
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** What puts it right. */
  readonly repair: string;
}

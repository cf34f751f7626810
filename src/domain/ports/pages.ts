/** A page that is served while its facts change. */
export interface ServedPage {
  readonly page: () => Promise<string>;
  /** Changes when the page would. Cheap. */
  readonly state: () => string;
  readonly signal: AbortSignal;
  readonly onReady: (address: string) => void;
}

export interface Pages {
  /** Serves on 127.0.0.1, under an address that cannot be guessed, until the signal. Only reads. */
  readonly serve: (page: ServedPage) => Promise<void>;
  /** Takes a picture of an HTML page with an installed browser, and writes it as PNG. Returns why it could not. */
  readonly picture: (
    html: string,
    options: { readonly width: number; readonly height: number; readonly to: string },
  ) => Promise<string | undefined>;
}

import { createHash } from 'node:crypto';
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { printable } from '../../../render/parts/printable.js';
import type { ReportDocument, ReportSection } from '../document.js';
import { draw } from '../figures/draw.js';
import type { Figure } from '../figures/figure.js';
import { Parts } from './parts.js';
import { LIVE_SCRIPT, SCRIPT } from './script.js';
import { STYLES } from './styles.js';

/** A report as one page that needs nothing else: styles, figures and script are inside, and nothing is fetched. */
export function reportPage(document: ReportDocument, { isLive }: { readonly isLive: boolean }): string {
  const script = isLive ? `${SCRIPT}\n${LIVE_SCRIPT}` : SCRIPT;
  return `<!doctype html>\n${renderToString(<Page document={document} script={script} isLive={isLive} />)}\n`;
}

/** Nothing but this page's own style and script may run, even if a value should ever get past the escaping. */
const policy = (script: string, isLive: boolean): string =>
  [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    ...(isLive ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

interface PageProps {
  readonly document: ReportDocument;
  readonly script: string;
  readonly isLive: boolean;
}

const Page = ({ document: { title, subtitle, sections }, script, isLive }: PageProps) => (
  <html lang="en">
    <head>
      <meta charSet="utf-8" />
      <meta http-equiv="Content-Security-Policy" content={policy(script, isLive)} />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <title>{printable(`${title} · refit report`)}</title>
      <Raw tag="style" text={STYLES} />
    </head>
    <body>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header>
        <h1>{printable(title)}</h1>
        <p>{printable(subtitle)}</p>
        <nav aria-label="Sections">
          {sections.map(({ id, title: name }) => (
            <a key={id} href={`#${id}`}>
              {printable(name)}
            </a>
          ))}
        </nav>
      </header>
      <main id="content" tabIndex={-1}>
        {sections.map((section) => (
          <Section key={section.id} section={section} />
        ))}
      </main>
      <footer>Made by refit from its registry. Times are UTC.</footer>
      <Raw tag="script" text={script} />
    </body>
  </html>
);

/** The page's own style and script, which hold no text of anyone else. */
const Raw = ({ tag: Tag, text }: { readonly tag: 'style' | 'script'; readonly text: string }) => (
  <Tag dangerouslySetInnerHTML={{ __html: text }} />
);

const Section = ({ section: { id, title, parts, figures, folded } }: { readonly section: ReportSection }) => (
  <section id={id} aria-labelledby={`${id}-title`}>
    <h2 id={`${id}-title`}>{printable(title)}</h2>
    {figures
      .filter(({ kind }) => kind !== 'distribution')
      .map((figure) => (
        <Drawn key={figure.name} figure={figure} />
      ))}
    <Parts parts={parts} label={title} />
    <Columns figures={figures} />
    {folded === undefined ? null : (
      <details>
        <summary>{printable(folded.title)}</summary>
        <Parts parts={folded.parts} label={folded.title} />
      </details>
    )}
  </section>
);

/** Small drawings of columns side by side, with a field that finds one by its name. */
function Columns({ figures }: { readonly figures: readonly Figure[] }) {
  const columns = figures.filter((figure) => figure.kind === 'distribution');
  if (columns.length === 0) return null;
  return (
    <>
      <p class="legend">
        <Key tone="reference">reference</Key>
        <Key tone="accent">current window</Key>
      </p>
      {columns.length < SEARCHED ? null : (
        <p>
          <label>
            Show columns named <input type="search" data-filter="column" />
          </label>
        </p>
      )}
      <div class="columns">
        {columns.map((figure) => (
          <figure key={figure.column} data-column={printable(figure.column).toLowerCase()}>
            <figcaption>
              <strong>{printable(figure.column)}</strong>{' '}
              <span class={`verdict ${figure.verdict}`}>{figure.verdict}</span>
              {figure.sentence === undefined ? null : <span class="sentence">{printable(figure.sentence)}</span>}
            </figcaption>
            <Svg figure={figure} />
          </figure>
        ))}
      </div>
    </>
  );
}

/** From so many columns on there is a field to find one. */
const SEARCHED = 9;

function Drawn({ figure }: { readonly figure: Figure }) {
  return (
    <figure class={figure.kind}>
      <figcaption>{printable(figure.description)}</figcaption>
      {figure.kind === 'timeline' ? <TimelineLegend /> : null}
      {figure.kind === 'graph' ? (
        <p class="tools">
          <button type="button" data-zoom="1.3">
            Zoom in
          </button>
          <button type="button" data-zoom="0.77">
            Zoom out
          </button>
          <button type="button" data-zoom="0">
            Show all
          </button>
        </p>
      ) : null}
      <Svg figure={figure} />
      {figure.kind === 'graph' ? <output class="facts" aria-live="polite" /> : null}
    </figure>
  );
}

const TimelineLegend = () => (
  <p class="legend">
    <Key tone="good">retrain</Key>
    <Key tone="reference">wait</Key>
    <Key tone="bad">hold, fall</Key>
    <Key tone="warn">refused, paused, forced</Key>
    <Key tone="accent">serving</Key>
  </p>
);

const Key = ({ tone, children }: { readonly tone: string; readonly children: ComponentChildren }) => (
  <span class="key">
    <span class={`swatch ${tone}`} aria-hidden="true" />
    {children}
  </span>
);

/** An SVG that was drawn by this program, with every text in it escaped. */
const Svg = ({ figure }: { readonly figure: Figure }) => (
  <section
    class="drawing"
    tabIndex={0}
    aria-label={`drawing: ${printable(figure.title)}`}
    dangerouslySetInnerHTML={{ __html: draw(figure) }}
  />
);

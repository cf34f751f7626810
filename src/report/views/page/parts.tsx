import type { Line, Span, ViewPart } from '../../../domain/view.js';
import { drawPlot, PAGE, plainLines } from '../../../render/parts/plots/draw-plot.js';
import { printable, printableLines } from '../../../render/parts/printable.js';

/** Characters from which a cell of a table keeps some width on a narrow screen, where the table scrolls. */
const LONG = 40;

const textOf = (span: Span): string => (typeof span === 'string' ? span : span.text);

/** Parts of a view as HTML. Preact escapes every text. */
export const Parts = ({ parts, label }: { readonly parts: readonly ViewPart[]; readonly label: string }) => (
  <>
    {parts.map((part, i) => (
      <Part key={i} part={part} label={label} />
    ))}
  </>
);

const Verbatim = ({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) => (
  <pre tabIndex={0} role="region" aria-label={label}>
    {lines.flatMap(printableLines).join('\n')}
  </pre>
);

function Part({ part, label }: { readonly part: ViewPart; readonly label: string }) {
  switch (part.kind) {
    case 'line':
      return part.line.length === 0 ? null : (
        <p class={isIndented(part.line) ? 'line indented' : 'line'}>
          <Spans line={part.line} />
        </p>
      );
    case 'heading':
      return <h3>{printable(part.text)}</h3>;
    case 'plot':
      return <Verbatim lines={plainLines(drawPlot(part.plot, PAGE))} label={`${label}: ${part.plot.title}`} />;
    case 'text':
      return <Verbatim lines={part.lines} label={`${label}: text`} />;
    case 'fields':
      return (
        <dl>
          {part.rows.map(([name, line], i) => (
            <div key={i}>
              <dt>{printable(name)}</dt>
              <dd>
                <Spans line={line} />
              </dd>
            </div>
          ))}
        </dl>
      );
    case 'table':
      return part.rows.length === 0 ? null : (
        <section class="scroll" tabIndex={0} aria-label={`${label}: ${part.head.filter(Boolean).join(', ')}`}>
          <table>
            <thead>
              <tr>
                {part.head.map((title, i) =>
                  title === '' ? (
                    <td key={i} />
                  ) : (
                    <th key={i} scope="col">
                      {printable(title)}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {part.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) => (
                    <td key={j} class={textOf(cell).length > LONG ? 'long' : undefined}>
                      <Text span={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      );
  }
}

const isIndented = ([first]: Line): boolean =>
  (typeof first === 'string' ? first : (first?.text ?? '')).startsWith('  ');

const Spans = ({ line }: { readonly line: Line }) => (
  <>
    {line.map((span, i) => (
      <Text key={i} span={span} />
    ))}
  </>
);

function Text({ span }: { readonly span: Span }) {
  const { text, tone } = typeof span === 'string' ? { text: span, tone: 'plain' as const } : span;
  const shown = printable(text);
  if (tone === 'plain') return <>{shown}</>;
  return tone === 'strong' ? <strong>{shown}</strong> : <span class={tone}>{shown}</span>;
}

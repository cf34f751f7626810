import type { JsonObject } from '../../domain/support/json.js';
import type { LineChart, ViewPart } from '../../domain/view.js';
import type { Figure } from './figures/figure.js';

/** A report before it is rendered as a page or as Markdown. */
export interface ReportDocument {
  readonly title: string;
  /** One line below the title: what it is about, and when it was made. */
  readonly subtitle: string;
  readonly sections: readonly ReportSection[];
  readonly json: JsonObject;
  /** Drawn at the end of Markdown, where GitHub and GitLab show it. */
  readonly charts?: readonly LineChart[];
}

export interface ReportSection {
  /** The section's anchor in the page. */
  readonly id: string;
  readonly title: string;
  readonly parts: readonly ViewPart[];
  readonly figures: readonly Figure[];
  /** Long tables stay folded in a page until they are opened: what the fold is called. */
  readonly folded?: { readonly title: string; readonly parts: readonly ViewPart[] };
}

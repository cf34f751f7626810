/** The style sheet of a page. The colours of figures are variables here, so one drawing fits light and dark. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1c2024; --dim: #5b6470; --line: #d9dee4; --panel: #f5f7f9;
  --accent: #0b66c3; --reference: #b4bdc8; --good: #1a7f37; --warn: #9a5b00; --bad: #c62828; --on-colour: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e6e9ec; --dim: #9fa9b4; --line: #333a42; --panel: #1d2125;
    --accent: #63a9f2; --reference: #5d6874; --good: #58c274; --warn: #e0a34a; --bad: #ff8078; --on-colour: #10151a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1060px; padding: 16px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 1.25rem; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
h3 { margin: 14px 0 4px; font-size: 1rem; }
header p { margin: 2px 0 10px; color: var(--dim); overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 8px 0; border-top: 1px solid var(--line); }
a { color: var(--accent); }
main > section { margin: 22px 0 34px; scroll-margin-top: 8px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--page); padding: 6px 10px; z-index: 2; }
.line { margin: 2px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.indented { padding-left: 8px; }
.dim { color: var(--dim); } .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); font-weight: 600; }
dl { margin: 8px 0; }
dl > div { display: grid; grid-template-columns: minmax(90px, 150px) 1fr; gap: 12px; padding: 2px 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll, .drawing { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible, .drawing:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; margin: 6px 0; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; max-width: 46ch; }
td.long { min-width: 28ch; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
pre { background: var(--panel); padding: 10px; overflow-x: auto; font-size: 0.85rem; }
figure { margin: 8px 0 14px; }
figcaption { color: var(--dim); font-size: 0.92rem; margin-bottom: 4px; }
figcaption strong { color: var(--text); overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 14px 22px; margin-top: 10px; }
.columns figure { margin: 0; padding: 10px; background: var(--panel); border-radius: 6px; min-width: 0; }
.sentence { display: block; color: var(--text); }
.verdict { font-weight: 600; }
.verdict.drift, .verdict.unclear, .verdict.undecided { color: var(--warn); }
.verdict.finding { color: var(--bad); } .verdict.stable { color: var(--good); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 4px 0; font-size: 0.88rem; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.swatch { width: 12px; height: 12px; border-radius: 3px; }
.swatch.reference { background: var(--reference); } .swatch.accent { background: var(--accent); }
.swatch.good { background: var(--good); } .swatch.warn { background: var(--warn); } .swatch.bad { background: var(--bad); }
.plot { display: block; max-width: 100%; height: auto; color: var(--text); }
.timeline .plot, .series .plot, .step-times .plot { min-width: 640px; }
.plot text { white-space: pre; }
.graph .drawing { border: 1px solid var(--line); border-radius: 6px; max-height: 70vh; overflow: auto; touch-action: none; }
svg.graph { display: block; min-width: 100%; cursor: grab; }
svg.graph .edge { fill: none; stroke: var(--dim); stroke-opacity: 0.7; }
svg.graph .arrow { fill: var(--dim); }
svg.graph rect { fill: var(--panel); stroke: var(--dim); }
svg.graph .step rect { stroke: var(--accent); } svg.graph .model rect { stroke: var(--good); stroke-width: 2; }
svg.graph text { fill: var(--text); font: 12px system-ui, sans-serif; pointer-events: none; }
svg.graph .node { cursor: pointer; } svg.graph .node:focus { outline: none; }
svg.graph .node:focus rect, svg.graph .chosen rect { stroke: var(--accent); stroke-width: 3; }
.facts { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.9rem; min-height: 1.5em; margin-top: 4px; }
button, input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--dim); border-radius: 5px; padding: 3px 10px; }
.tools { display: flex; gap: 8px; margin: 6px 0; }
summary { cursor: pointer; padding: 6px 0; color: var(--accent); }
footer { color: var(--dim); font-size: 0.85rem; border-top: 1px solid var(--line); padding: 10px 0; }
@media print { nav, .tools, .skip { display: none; } }
`;

import { Markup } from './html.ts';

/** The one style sheet of the plain pages: readable without it, dark where the reader prefers dark. */
export const STYLE = new Markup(`<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #cf222e; --wait: #9a6700; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: 13px ui-monospace, monospace; } pre { background: var(--soft); padding: .8rem; overflow-x: auto; }
details pre { overflow: auto; max-height: 32rem; margin: .4rem 0; } summary { cursor: pointer; }
.landed, .no_change, .passed { color: var(--good); } .failed, .denied { color: var(--bad); }
.deferred, .needs_human, .queued, .unknown { color: var(--wait); } .soft { opacity: .7; }
.bar { display: inline-block; height: .6rem; background: currentColor; opacity: .55; }
</style>`);

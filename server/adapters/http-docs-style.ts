/** Plain, for a screen of any width and for paper; contrast of WCAG AA in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --quiet: #f1f3f5; --line: #b8bec6;
  --link: #0b5394; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --paper: #16181c; --quiet: #23272e; --line: #525a66; --link: #8ab8f0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 0 1.5rem 4rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.55 system-ui, 'Noto Sans', sans-serif; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem 1rem; background: var(--paper); }
h1 { font-size: 1.9rem; margin: 2rem 0 1rem; }
h1 small { font-size: 1rem; font-weight: 400; }
h2 { font-size: 1.4rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1.1rem; margin: 0 0 0.5rem; }
h4 { font-size: 1rem; margin: 1rem 0 0.25rem; }
header p, main p { max-width: 70ch; }
code, pre { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 0.92em;
  overflow-wrap: anywhere; }
pre { background: var(--quiet); padding: 1rem; overflow: auto; max-height: 30rem;
  margin: 0.5rem 0; }
nav { columns: 18rem; column-gap: 2rem; padding: 1rem 1.25rem; background: var(--quiet); }
nav h2 { font-size: 1rem; margin: 0 0 0.25rem; break-after: avoid; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; font-size: 0.92rem;
  break-inside: avoid; }
article { border-top: 1px solid var(--line); padding: 1.25rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 40rem; }
caption { text-align: left; font-weight: 700; padding: 0.5rem 0 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0;
  border-bottom: 1px solid var(--line); }
thead th { font-size: 0.9rem; }
th code { white-space: nowrap; overflow-wrap: normal; }
summary { cursor: pointer; color: var(--link); }
@media print { nav, .skip { display: none; } article { break-inside: avoid; } }
`.trimStart();

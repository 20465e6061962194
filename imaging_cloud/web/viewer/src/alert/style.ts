/** The component's own style: adopted, so that no policy on inline style stands against it. */

const CSS = `
:host { display: block; font: 16px/1.5 system-ui, -apple-system, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: var(--ink);
  --ground: #fff; --ink: #16202c; --quiet: #4f5d69; --line: #d7dee5; --accent: #0b5fb5; --on-accent: #fff;
  --warn: #7a4200; --warn-ground: #fff3dc; --bad: #a3161d; --bad-ground: #fdeaea; --good: #0f6b3a; color-scheme: light dark; }
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) { :host { --ground: #1a222b; --ink: #e8eef4; --quiet: #a9b8c6; --line: #3a4754;
  --accent: #7abbff; --on-accent: #08131f; --warn: #ffcf87; --warn-ground: #3a2a10; --bad: #ff9c9c; --bad-ground: #3d1717; --good: #7fdca6; } }
* { box-sizing: border-box; }
h2, h3, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
h2 { font-size: 1.25rem; line-height: 1.3; }
h3 { font-size: 1rem; line-height: 1.35; }
.quiet { color: var(--quiet); font-size: .875rem; }
.note { display: grid; gap: .75rem; padding: 1rem; background: var(--ground); border: 1px solid var(--line); border-left: 6px solid var(--line); border-radius: 12px; }
.note:empty { display: none; }
.note.none { border-left-color: var(--good); }
.note.related { border-left-color: var(--accent); }
.note.duplicate { border-left-color: #d98a00; }
.head { display: flex; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
.prior { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .25rem .875rem; padding: .75rem 0; border-top: 1px solid var(--line); }
.prior canvas { grid-row: span 2; width: 6rem; height: 6rem; background: #000; border-radius: 8px; object-fit: contain; }
.prior.bare { grid-template-columns: minmax(0, 1fr); }
.grade { display: inline-block; padding: 0 .5rem; border: 1px solid; border-radius: 99px; font-size: .8125rem; font-weight: 600; color: var(--quiet); white-space: nowrap; }
.grade.duplicate { color: var(--warn); }
.about { display: grid; gap: .125rem; align-content: start; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .375rem; }
button, select, input { min-height: 44px; font: inherit; border-radius: 8px; border: 1px solid var(--accent); padding: .375rem 1rem; }
button { font-weight: 600; cursor: pointer; color: var(--accent); background: transparent; white-space: nowrap; }
button.main { color: var(--on-accent); background: var(--accent); }
button:disabled { opacity: .55; cursor: default; }
select, input { width: 100%; color: inherit; background: var(--ground); border-color: #7d8b98; padding: .375rem .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
h2:focus { outline: none; }
.caution { padding: .5rem .75rem; border-radius: 8px; background: var(--warn-ground); color: var(--warn); font-weight: 600; }
.caution.critical { background: var(--bad-ground); color: var(--bad); }
.caution.info { background: transparent; border: 1px solid var(--line); color: inherit; }
.caution span { display: block; font-size: .8125rem; font-weight: 400; }
dialog { width: min(44rem, calc(100vw - 1.5rem)); max-height: calc(100dvh - 1.5rem); padding: 0; overflow: auto; color: var(--ink); background: var(--ground);
  border: 0; border-top: 6px solid #d98a00; border-radius: 14px; box-shadow: 0 18px 60px rgb(0 0 0 / .35); }
dialog::backdrop { background: rgb(10 16 22 / .45); }
.sheet { display: grid; gap: .75rem; padding: 1.125rem 1.25rem 1rem; }
dialog .priors { border-bottom: 1px solid var(--line); }
.repeat { display: grid; grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr) auto; gap: .375rem .5rem; align-items: end; }
.repeat label { font-weight: 600; font-size: .9375rem; }
.repeat label + label { font-weight: 400; }
.repeat select, .repeat input { margin-top: .25rem; font-weight: 400; }
.problem { grid-column: 1 / -1; color: var(--bad); font-weight: 600; }
.problem:empty { display: none; }
@media (max-width: 560px) { .prior { grid-template-columns: 4.5rem minmax(0, 1fr); } .prior canvas { grid-row: auto; width: 4.5rem; height: 4.5rem; }
  .prior .actions { grid-column: 1 / -1; } .actions button { flex: 1 1 auto; } .repeat { grid-template-columns: minmax(0, 1fr); } .sheet { padding: 1rem; } }
`;

export function adoptStyle(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
}

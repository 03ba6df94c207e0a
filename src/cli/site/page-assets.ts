/** The style and the script of the index page. */

export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #777; --accent: #06c; --card: #8881; }
@media (prefers-color-scheme: dark) { :root { --soft: #999; --accent: #6af; } }
* { box-sizing: border-box; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 90rem; }
h1 { margin: 0; font-size: 1.7rem; } h1 small { font-size: 1rem; font-weight: normal; color: var(--soft); }
h2 { margin: 0 0 .4rem; font-size: 1rem; } h2 small { color: var(--soft); font-weight: normal; }
header p, .fine, .none { color: var(--soft); margin: .2rem 0; }
a { color: var(--accent); } code { font-size: .95em; }
section { margin-top: 1.4rem; }
.columns { display: grid; gap: 1.2rem; align-items: start; }
.columns { grid-template-columns: repeat(auto-fill, minmax(18.5rem, 1fr)); }
.columns > div { background: var(--card); border-radius: .5rem; padding: .7rem .9rem; }
.links { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85em; }
th, td { padding: .15rem .9rem .15rem 0; border-bottom: 1px solid var(--line); }
th, td { white-space: nowrap; vertical-align: top; }
thead:has(th:first-child:empty + th:last-child:empty) { display: none; }
td:last-child, th:last-child { padding-right: 0; }
summary { cursor: pointer; color: var(--accent); }
dl { display: grid; grid-template-columns: auto auto; gap: 0 1rem; margin: .3rem 0; font-size: .9em; }
dd { margin: 0; text-align: right; } dt { color: var(--soft); }
`;

/** Which details are unfolded survives a refresh; a page that nobody looks at asks for nothing. */
export const PAGE_SCRIPT = `
const live = document.getElementById("live");
async function refresh() {
  if (!document.hidden) {
    try {
      const response = await fetch("/live");
      if (response.ok) {
        const open = new Set([...live.querySelectorAll("details[open]")].map(details => details.id));
        live.innerHTML = await response.text();
        for (const details of live.querySelectorAll("details")) details.open = open.has(details.id);
        live.style.opacity = 1;
      }
    } catch { live.style.opacity = 0.5; }
  }
  setTimeout(refresh, 2000);
}
setTimeout(refresh, 2000);
`;

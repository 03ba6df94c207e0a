/**
 * The tokens' colours, as a canvas needs them: resolved. They are read from the page once for each theme.
 */
const TOKENS = [
  "surface",
  "raised",
  "line",
  "text",
  "muted",
  "accent",
  "good",
  "warning",
  "bad",
  "sent",
  "received",
  "acknowledged",
  "window",
  "sacked",
  "lost",
  "cause-timeout",
  "cause-fast",
  "cause-rack",
  "cause-tlp",
  "cause-spurious",
  "cause-syn",
  "cause-size",
] as const;

export type Token = (typeof TOKENS)[number];

export interface Colours extends Readonly<Record<Token, string>> {
  readonly sans: string;
  readonly mono: string;
}

const known = new Map<string, Colours>();

/** Those of the moment: what follows from the user's choice and the system's. */
export function coloursNow(): Colours {
  const choice = document.documentElement.getAttribute("data-theme");
  const key = `${choice} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  let colours = known.get(key);
  if (colours === undefined) {
    colours = resolved();
    known.set(key, colours);
  }
  return colours;
}

function resolved(): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const read = (token: Token): string => {
    probe.style.color = `var(--${token})`;
    return style.color;
  };
  const colours = Object.fromEntries(TOKENS.map(token => [token, read(token)])) as Record<Token, string>;
  const family = (name: string): string => style.getPropertyValue(name).trim();
  const fonts = { sans: family("--sans"), mono: family("--mono") };
  probe.remove();
  return { ...colours, ...fonts };
}

/** A colour of `coloursNow`, let through so much. */
export function faint(colour: string, opacity: number): string {
  return colour.replace(/^rgb\((.*)\)$/, (_, parts: string) => `rgba(${parts}, ${opacity})`);
}

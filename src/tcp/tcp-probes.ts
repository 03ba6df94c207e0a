/**
 * Several probes as one. Each kind of event goes straight to those who hear it: most probes hear few kinds,
 * and what nobody hears is not told.
 */
import type { TcpProbe } from "./tcp-probe.ts";

type Kind = keyof TcpProbe;
type Hear = (...told: unknown[]) => void;

const ALL_KINDS: Readonly<Record<Kind, true>> = {
  ...{ opened: true, continued: true, stateChanged: true, ended: true, left: true },
  ...{ arriving: true, arrived: true, sending: true, refused: true, sent: true },
  ...{ acknowledged: true, lost: true, recovery: true, timer: true, settled: true },
  ...{ written: true, read: true, overflowed: true, cookie: true },
};

export function probeOfMany(probes: readonly TcpProbe[]): TcpProbe {
  const kinds = Object.keys(ALL_KINDS) as Kind[];
  return Object.fromEntries(kinds.map(kind => [kind, allWhoHear(probes, kind)]));
}

function allWhoHear(probes: readonly TcpProbe[], kind: Kind): Hear | undefined {
  const all = probes.flatMap(probe => {
    const hear = probe[kind] as Hear | undefined;
    return hear === undefined ? [] : [hear.bind(probe)];
  });
  if (all.length < 2) return all[0];
  return (...told) => {
    for (const hear of all) hear(...told);
  };
}

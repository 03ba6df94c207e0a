/** The views: what each draws with, and which sessions it fits. */
import type { ComponentType } from "preact";
import type { Hello } from "../../../src/inspect/protocol.ts";
import type { ViewProps } from "../state/session.ts";
import type { ViewId } from "../state/view-id.ts";
import { Connections } from "../views/connections/connections.tsx";
import { Controls } from "../views/controls/controls.tsx";
import { Findings } from "../views/findings/findings.tsx";
import { Ladder } from "../views/ladder/ladder.tsx";
import { Packets } from "../views/packets/packets.tsx";
import { Scenes } from "../views/scenes/scenes.tsx";
import { Sequence } from "../views/sequence/sequence.tsx";
import { States } from "../views/states/states.tsx";
import { Timers } from "../views/timers/timers.tsx";
import { Windows } from "../views/windows/windows.tsx";

interface View {
  readonly component: ComponentType<ViewProps>;
  /** Whether there is anything to show in this kind of session. */
  fits(hello: Hello | undefined): boolean;
}

const always = (): boolean => true;

export const VIEWS: Readonly<Record<ViewId, View>> = {
  connections: { component: Connections, fits: always },
  ladder: { component: Ladder, fits: always },
  sequence: { component: Sequence, fits: always },
  states: { component: States, fits: always },
  windows: { component: Windows, fits: always },
  timers: { component: Timers, fits: always },
  packets: { component: Packets, fits: always },
  controls: {
    component: Controls,
    // Where nothing can be done with a host that runs, it says so; of a file nobody expects it.
    fits: hello => hello !== undefined && hello.kind !== "file",
  },
  scenes: { component: Scenes, fits: always },
  findings: { component: Findings, fits: hello => hello?.kind === "file" },
};

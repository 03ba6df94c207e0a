/**
 * What is open: a live host, a scene, a file, or nothing yet; and the session that watches it. Opening
 * something closes what was open.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { PageChannel } from "../../../src/inspect/protocol.ts";
import { StoryBuilder } from "../../../src/inspect/story-builder.ts";
import { openFileChannel } from "../source/file-channel.ts";
import { silentChannel } from "../source/silent-channel.ts";
import { openWebSocket } from "../source/web-socket.ts";
import { openSceneChannel } from "../source/worker-channel.ts";
import { ChannelSession } from "./channel-session.ts";
import type { Session } from "./session.ts";

export type Opened =
  | { readonly kind: "nothing" }
  | { readonly kind: "live" }
  | { readonly kind: "scene"; readonly scene: string }
  | { readonly kind: "file"; readonly name: string };

interface OpenedSession {
  readonly opened: Opened;
  readonly session: Session;
}

const current = signal<OpenedSession>({ opened: { kind: "nothing" }, session: sessionOn(silentChannel) });

export const opened: ReadonlySignal<Opened> = computed(() => current.value.opened);
export const session: ReadonlySignal<Session> = computed(() => current.value.session);

/** The inspector that served this page has something live. */
export const isLiveAtHand = signal(false);

export function openLive(preferred?: number): void {
  isLiveAtHand.value = true;
  replace(
    { kind: "live" },
    sessionOn(() => openWebSocket("channel"), true, preferred),
  );
}

export function openScene(scene: string, seed?: number, preferred?: number): void {
  replace(
    { kind: "scene", scene },
    sessionOn(() => openSceneChannel(scene, seed), false, preferred),
  );
}

/** A capture or a trace. */
export function openFile(file: Blob, name: string, preferred?: number): void {
  replace(
    { kind: "file", name },
    sessionOn(() => openFileChannel(file, name), false, preferred),
  );
}

function replace(next: Opened, itsSession: Session): void {
  current.peek().session.close();
  current.value = { opened: next, session: itsSession };
}

function sessionOn(open: () => PageChannel, comesBack = false, preferred?: number): Session {
  return new ChannelSession({
    open,
    comesBack,
    preferred,
    story: connection => new StoryBuilder(connection),
    onFrame: callback => requestAnimationFrame(callback),
    after: (milliseconds, callback) => setTimeout(callback, milliseconds),
  });
}

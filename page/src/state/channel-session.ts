/**
 * A session over a channel. Messages are taken in as they come, into bounded stores; signals tell the views at
 * most once a frame. When a channel that can come back is lost, all stays as it was until the inspector has
 * greeted again.
 */
import { batch, effect, type Signal, signal } from "@preact/signals";
import type { Problem } from "../../../src/inspect/problem.ts";
import type {
  Clock,
  FoundOut,
  FromPage,
  Hello,
  LinkDescription,
  Packet,
  PageChannel,
  Progress,
  Queues,
  Snapshot,
  ToPage,
} from "../../../src/inspect/protocol.ts";
import { PROTOCOL_VERSION } from "../../../src/inspect/protocol.ts";
import type { Story } from "../../../src/inspect/story.ts";
import type { TraceEvent } from "../../../src/trace/event.ts";
import { ConnectionRows } from "./connection-rows.ts";
import { PacketStore } from "./packet-store.ts";
import type { Session } from "./session.ts";

/** Makes the story of one connection of its events. */
export interface StoryMaker {
  readonly story: Story;
  apply(event: TraceEvent): void;
}

export interface SessionSurroundings {
  open(): PageChannel;
  /** A lost channel is opened again. */
  readonly comesBack: boolean;
  story(connection: number): StoryMaker;
  /** Calls once, before the next picture. */
  onFrame(callback: () => void): void;
  after(milliseconds: number, callback: () => void): void;
  /** To be selected if it is there: a link named it. */
  readonly preferred?: number | undefined;
}

/** Milliseconds until a lost channel is tried again; the last one from then on. */
const PATIENCE = [300, 1000, 2000, 5000];

/** Remarks that are kept: no scene has as many. */
const MOST_REMARKS = 1000;

type Remark = Session["remarks"]["value"][number];

export class ChannelSession implements Session {
  readonly hello = signal<Hello | undefined>(undefined);
  readonly isClosed = signal(false);
  readonly trouble = signal<Problem | undefined>(undefined);
  readonly rows: Signal<Session["rows"]["value"]> = signal(new Map());
  readonly hiddenRows = signal(0);
  readonly selected = signal<number | undefined>(undefined);
  readonly otherEnd = signal<number | undefined>(undefined);
  readonly compared = signal<readonly number[]>([]);
  readonly stories = signal<ReadonlyMap<number, Story>>(new Map());
  readonly snapshots = signal<ReadonlyMap<number, Snapshot>>(new Map());
  readonly queues = signal<Queues | undefined>(undefined);
  readonly clock = signal<Clock | undefined>(undefined);
  readonly links = signal<readonly LinkDescription[]>([]);
  readonly packets = signal<readonly Packet[]>([]);
  readonly skippedPackets = signal(0);
  readonly findings = signal<readonly FoundOut[]>([]);
  readonly progress = signal<Progress | undefined>(undefined);
  readonly remarks = signal<readonly Remark[]>([]);
  readonly cursor = signal<number | undefined>(undefined);

  readonly #surroundings: SessionSurroundings;
  #channel: PageChannel;
  #isLeft = false;
  #losses = 0;
  /** The user has chosen, so the page does not choose any more. */
  #isChosen = false;

  readonly #rows = new ConnectionRows();
  readonly #makers = new Map<number, StoryMaker>();
  readonly #snapshots = new Map<number, Snapshot>();
  readonly #packets = new PacketStore();
  readonly #remarks: Remark[] = [];
  /** What has changed since the last frame: how to tell it. */
  readonly #news = new Map<unknown, () => void>();
  #watched = "";
  #packetsWanted: FromPage | undefined;
  readonly #endWatching: () => void;

  constructor(surroundings: SessionSurroundings) {
    this.#surroundings = surroundings;
    this.#channel = this.#open();
    this.#endWatching = effect(() => this.#watch());
  }

  select(connection: number | undefined): void {
    this.#isChosen = true;
    this.#select(connection);
  }

  send(message: FromPage): void {
    if (message.type === "watch-packets") {
      this.#packetsWanted = message;
      this.#packets.clear();
      this.#tellPackets();
    }
    if (this.hello.peek() !== undefined && !this.isClosed.peek()) this.#channel.send(message);
  }

  close(): void {
    this.#isLeft = true;
    this.#endWatching();
    this.#channel.close();
  }

  #open(): PageChannel {
    const channel = this.#surroundings.open();
    channel.onMessage = message => {
      if (!this.#isLeft) this.#take(message);
    };
    channel.onClosed = () => this.#lost();
    return channel;
  }

  #lost(): void {
    if (this.#isLeft) return;
    this.isClosed.value = true;
    if (!this.#surroundings.comesBack) return;
    const wait = PATIENCE[Math.min(this.#losses++, PATIENCE.length - 1)] ?? 0;
    this.#surroundings.after(wait, () => {
      if (!this.#isLeft) this.#channel = this.#open();
    });
  }

  #take(message: ToPage): void {
    switch (message.type) {
      case "hello":
        this.#greeted(message);
        break;
      case "rows":
        this.#rows.apply(message.rows, message.gone);
        this.#tellLater(this.#rows, () => this.#tellRows());
        this.#setLater(this.hiddenRows, message.hidden ?? 0);
        break;
      case "events":
        for (const event of message.events) this.#happened(event);
        break;
      case "snapshot":
        if (this.#makers.has(message.connection)) this.#pictured(message);
        break;
      case "packets":
        this.#packets.apply(message);
        this.#tellLater(this.#packets, () => this.#tellPackets());
        break;
      case "queues":
        this.#setLater(this.queues, message);
        break;
      case "clock":
        this.#setLater(this.clock, message);
        break;
      case "links":
        this.#setLater(this.links, message.links);
        break;
      case "findings":
        this.#setLater(this.findings, message.findings);
        break;
      case "progress":
        this.#setLater(this.progress, message);
        break;
      case "trouble":
        this.trouble.value = message.problem;
        break;
    }
  }

  #pictured(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.connection, snapshot);
    this.#tellLater(this.#snapshots, () => {
      this.snapshots.value = new Map(this.#snapshots);
    });
  }

  /** A new beginning: of the page, of a lost inspector, of a scene that is played again. */
  #greeted(hello: Hello): void {
    if (hello.version !== PROTOCOL_VERSION) {
      this.trouble.value = { kind: "other-version", theirs: hello.version, ours: PROTOCOL_VERSION };
      return;
    }
    const isSame = isSameRun(this.hello.peek(), hello);
    this.#losses = 0;
    this.#news.clear();
    this.#rows.clear();
    this.#makers.clear();
    this.#snapshots.clear();
    this.#packets.clear();
    this.#remarks.length = 0;
    this.#watched = "";
    batch(() => {
      this.isClosed.value = false;
      this.trouble.value = undefined;
      this.rows.value = new Map();
      this.hiddenRows.value = 0;
      this.stories.value = new Map();
      this.snapshots.value = new Map();
      this.queues.value = undefined;
      this.clock.value = undefined;
      this.links.value = [];
      this.findings.value = [];
      this.progress.value = undefined;
      this.remarks.value = [];
      this.cursor.value = undefined;
      this.otherEnd.value = undefined;
      this.#tellPackets();
      if (!isSame && this.hello.peek() !== undefined) this.#forgetChoice();
      this.hello.value = hello;
    });
    if (this.#packetsWanted !== undefined) this.#channel.send(this.#packetsWanted);
  }

  #forgetChoice(): void {
    this.#isChosen = false;
    this.selected.value = undefined;
    this.compared.value = [];
  }

  #happened(event: TraceEvent): void {
    if (event.name === "scene:remark") {
      if (this.#remarks.length >= MOST_REMARKS) return;
      this.#remarks.push({ remark: event.data.remark, time: event.time });
      this.#tellLater(this.#remarks, () => {
        this.remarks.value = [...this.#remarks];
      });
      return;
    }
    const maker = this.#makers.get(event.connection);
    if (maker === undefined) return;
    maker.apply(event);
    this.#tellLater(this.#makers, () => this.#tellStories());
  }

  #setLater<T>(target: Signal<T>, value: T): void {
    this.#tellLater(target, () => {
      target.value = value;
    });
  }

  #tellLater(what: unknown, tell: () => void): void {
    if (this.#news.size === 0) this.#surroundings.onFrame(() => this.#tellAll());
    this.#news.set(what, tell);
  }

  #tellAll(): void {
    if (this.#isLeft) return;
    const all = [...this.#news.values()];
    this.#news.clear();
    batch(() => {
      for (const tell of all) tell();
    });
  }

  #tellRows(): void {
    this.rows.value = this.#rows.copy();
    if (!this.#isChosen && this.selected.peek() === undefined) this.#chooseFirst();
    this.#findOtherEnd();
  }

  #tellStories(): void {
    this.stories.value = new Map([...this.#makers].map(([number, { story }]) => [number, story]));
  }

  #tellPackets(): void {
    this.packets.value = this.#packets.copy();
    this.skippedPackets.value = this.#packets.skipped;
  }

  /** Something is shown from the start: what a link named, or the first that called and is not over. */
  #chooseFirst(): void {
    const { preferred } = this.#surroundings;
    const rows = [...this.rows.peek().values()];
    const row =
      rows.find(({ connection }) => connection === preferred) ??
      rows.find(({ role, state }) => role === "active" && state !== "CLOSED" && state !== "TIME-WAIT") ??
      rows.find(({ role }) => role === "active") ??
      rows[0];
    if (row !== undefined) this.#select(row.connection);
  }

  #select(connection: number | undefined): void {
    batch(() => {
      this.selected.value = connection;
      this.#findOtherEnd();
    });
  }

  #findOtherEnd(): void {
    const selected = this.selected.peek();
    // A row that is gone leaves its story, and that of the other end.
    if (selected !== undefined && !this.rows.peek().has(selected)) return;
    this.otherEnd.value = selected === undefined ? undefined : this.#rows.otherEnd(selected);
  }

  /** Asks for what is shown in detail, and forgets what is not any more. */
  #watch(): void {
    const hello = this.hello.value;
    const shown = [this.selected.value, this.otherEnd.value, ...this.compared.value];
    const connections = [...new Set(shown.filter(number => number !== undefined))];
    if (hello === undefined || connections.join() === this.#watched) return;
    this.#watched = connections.join();
    for (const known of this.#makers.keys()) if (!connections.includes(known)) this.#forget(known);
    for (const number of connections) {
      if (!this.#makers.has(number)) this.#makers.set(number, this.#surroundings.story(number));
    }
    this.#tellLater(this.#makers, () => this.#tellStories());
    this.#channel.send({ type: "watch", connections });
  }

  #forget(connection: number): void {
    this.#makers.delete(connection);
    this.#snapshots.delete(connection);
  }
}

/** Numbers of connections mean the same. */
function isSameRun(before: Hello | undefined, now: Hello): boolean {
  return before?.title === now.title && before.epoch === now.epoch && before.scene === now.scene;
}

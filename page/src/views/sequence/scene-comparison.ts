/**
 * Some scenes are about how connections compare: theirs are laid over each other as they appear. What the user
 * takes away stays away.
 */
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CATALOG } from "../../../../src/scenes/catalog.ts";
import type { Session } from "../../state/session.ts";
import { connectionAt } from "../scenes/guide.ts";

export function useSceneComparison(session: Session): void {
  useEffect(() => followScene(session), [session]);
}

/** Answers how to end it. */
export function followScene(session: Session): () => void {
  const offered = new Set<number>();
  return effect(() => {
    const scene = session.hello.value?.scene;
    const ends = CATALOG.find(({ id }) => id === scene)?.compared ?? [];
    for (const end of ends) {
      const connection = connectionAt(session.rows.value.values(), end);
      if (connection === undefined || offered.has(connection)) continue;
      offered.add(connection);
      session.compared.value = [...session.compared.peek(), connection];
    }
  });
}

/** The selected one is there anyway. */
export function besideSelected(session: Session): readonly number[] {
  const selected = session.selected.value;
  return session.compared.value.filter(connection => connection !== selected);
}

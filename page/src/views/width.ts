/** How wide an element is drawn, in pixels: 0 before it is. */
import type { RefCallback } from "preact";
import { useCallback, useRef, useState } from "preact/hooks";

export function useWidth<Drawn extends Element>(): readonly [RefCallback<Drawn>, number] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const attach = useCallback((element: Drawn | null) => {
    observer.current?.disconnect();
    if (element === null) return;
    observer.current = new ResizeObserver(entries => {
      for (const { contentRect } of entries) setWidth(Math.round(contentRect.width));
    });
    observer.current.observe(element);
  }, []);
  return [attach, width];
}

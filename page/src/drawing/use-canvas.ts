/**
 * A canvas that is drawn anew before the next picture when its place has another size, the theme changes, or
 * somebody asks; never more than once a picture.
 */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { theme } from "../state/theme.ts";
import { type Colours, coloursNow } from "./colours.ts";

export interface Drawing {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly colours: Colours;
}

export interface CanvasRef {
  readonly current: HTMLCanvasElement | null;
}

/** Answers what asks for a new drawing. `canvas`: as big as the element that it stands in says. */
export function useCanvas(canvas: CanvasRef, draw: (drawing: Drawing) => void): () => void {
  const latest = useRef(draw);
  latest.current = draw;
  const redraw = useFrame(() => {
    const drawing = canvas.current === null ? undefined : prepared(canvas.current);
    if (drawing !== undefined) latest.current(drawing);
  });
  useEffect(() => {
    const place = canvas.current?.parentElement;
    if (place === null || place === undefined) return;
    const observer = new ResizeObserver(redraw);
    observer.observe(place);
    return () => observer.disconnect();
  }, []);
  useThemeChange(redraw);
  return redraw;
}

/** What the answer asks for is done before the next picture, once. */
export function useFrame(work: () => void): () => void {
  const latest = useRef(work);
  latest.current = work;
  const request = useRef(0);
  const ask = useRef(() => {
    if (request.current !== 0) return;
    request.current = requestAnimationFrame(() => {
      request.current = 0;
      latest.current();
    });
  });
  useEffect(() => () => cancelAnimationFrame(request.current), []);
  return ask.current;
}

export function useThemeChange(changed: () => void): void {
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", changed);
    const end = effect(() => {
      theme.value;
      changed();
    });
    return () => {
      system.removeEventListener("change", changed);
      end();
    };
  }, []);
}

/** The canvas in device pixels, cleared. */
function prepared(canvas: HTMLCanvasElement): Drawing | undefined {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0 || height === 0) return undefined;
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height, colours: coloursNow() };
}

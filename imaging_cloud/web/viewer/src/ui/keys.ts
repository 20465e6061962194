/** Every button as a key. Fields, lists and dialogs keep their own keys. */

import type { Tool } from "./gestures.ts";
import { type Toolbar, ZOOM_STEP } from "./toolbar.ts";

const TEN = 10;
const PAN_PX = 40;
/** One press changes a window as a drag over so many pixels does. */
const WINDOW_PX = 12;
const TOOLS: Tool[] = ["scroll", "move", "window", "length", "angle", "ellipse"];
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function listenForKeys(toolbar: Toolbar, more: Record<string, () => void>): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("input:not([type=range]), select, textarea, dialog")) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const act = arrow(toolbar, event) ?? other(toolbar, event, target, more);
    if (act === undefined) return;
    act();
    event.preventDefault();
  });
}

function arrow(toolbar: Toolbar, event: KeyboardEvent): (() => void) | undefined {
  const way = ARROWS[event.key];
  if (way === undefined) return undefined;
  const [dx, dy] = way;
  const { pane } = toolbar;
  if (pane.crosshair.shown) return () => pane.crosshair.move(dx, dy, event.shiftKey);
  if (event.shiftKey) return () => pane.placing.panBy(-dx * PAN_PX, -dy * PAN_PX);
  // The scrubber moves by itself, and tells.
  if (event.target === toolbar.scrubber) return undefined;
  return () => pane.scrollBy(dx + dy, true);
}

function other(
  toolbar: Toolbar,
  event: KeyboardEvent,
  target: HTMLElement | null,
  more: Record<string, () => void>,
): (() => void) | undefined {
  const { pane } = toolbar;
  const last = (pane.series?.pictures.length ?? 1) - 1;
  const actions: Record<string, () => void> = {
    PageDown: () => pane.scrollBy(TEN, true),
    PageUp: () => pane.scrollBy(-TEN, true),
    Home: () => pane.goTo(0, true),
    End: () => pane.goTo(last, true),
    "+": () => pane.placing.zoomBy(ZOOM_STEP),
    "=": () => pane.placing.zoomBy(ZOOM_STEP),
    "-": () => pane.placing.zoomBy(1 / ZOOM_STEP),
    "0": () => pane.placing.fit(),
    i: () => pane.invert(),
    w: () => toolbar.nextPreset(),
    // A lower centre is brighter, a narrower window is harder.
    b: () => pane.windowing.drag(0, -WINDOW_PX),
    d: () => pane.windowing.drag(0, WINDOW_PX),
    c: () => pane.windowing.drag(-WINDOW_PX, 0),
    v: () => pane.windowing.drag(WINDOW_PX, 0),
    "[": () => toolbar.setSpeed(1.25),
    "]": () => toolbar.setSpeed(0.8),
    "?": () => toolbar.showHelp(),
    Escape: () => pane.leaveCrosshair(),
    Delete: () => pane.clearMeasurements(),
    ...more,
  };
  TOOLS.forEach((tool, at) => {
    actions[String(at + 1)] = () => toolbar.chooseTool(tool);
  });
  const onControl = target?.closest("button, a, summary") ?? null;
  if (onControl === null) {
    actions[" "] = () => toolbar.togglePlaying();
    if (pane.drawing) actions["Enter"] = () => pane.crosshair.press();
  }
  return actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

/**
 * What fingers, mouse and wheel mean on the stage: one listener set, named intentions out.
 *
 * One finger moves through the slices, or moves the picture once it is enlarged; two pinch and
 * move it; two taps fit it; holding still and then moving changes the window. With a mouse the
 * wheel moves through the slices (with Ctrl it zooms), and a drag does what the chosen tool says.
 */

import type { Point } from "../image/geometry.ts";

export type Tool = "scroll" | "move" | "window" | "length" | "angle" | "ellipse";

export interface Intentions {
  /** Slices forward (positive) or back, with fractions gathered by the receiver. */
  scroll(slices: number): void;
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: Point): void;
  window(dx: number, dy: number): void;
  fit(at: Point): void;
  tap(at: Point): void;
  /** A drawing tool: where it began, where it is, whether it has ended. */
  draw(from: Point, to: Point, ended: boolean): void;
  /** True while a finger or button is down: drawing may be coarser. */
  moving(active: boolean): void;
}

export interface Choices {
  tool(): Tool;
  enlarged(): boolean;
  /** Slices that one stage height of movement goes through. */
  slices(): number;
}

/** Below this a finger has not moved: thumbs tremble. */
const STILL_PX = 8;
const HOLD_MS = 450;
const DOUBLE_TAP_MS = 320;
const DOUBLE_TAP_PX = 36;
/** Not even a short series runs away under the thumb. */
const LEAST_PX_A_SLICE = 4;
const MOST_PX_A_SLICE = 24;
/** A notch of a mouse wheel, by the browsers' reckoning. */
const NOTCH_PX = 100;

interface Finger {
  first: Point;
  last: Point;
}

type Mode = "none" | "waiting" | "scroll" | "pan" | "window" | "pinch" | "draw";

export function listenForGestures(stage: HTMLElement, to: Intentions, choices: Choices): void {
  const fingers = new Map<number, Finger>();
  let mode: Mode = "none";
  let holdTimer = 0;
  let lastTap: { at: Point; when: number } | null = null;

  const pointOf = (event: PointerEvent | WheelEvent | MouseEvent): Point => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pixelsOfSlice = () => {
    const height = stage.clientHeight || 1;
    const fair = height / Math.max(choices.slices(), 1);
    return Math.min(Math.max(fair, LEAST_PX_A_SLICE), MOST_PX_A_SLICE);
  };
  const enter = (next: Mode) => {
    if ((mode === "none" || mode === "waiting") !== (next === "none" || next === "waiting")) {
      to.moving(next !== "none" && next !== "waiting");
    }
    mode = next;
    window.clearTimeout(holdTimer);
  };
  const modeOfTool = (): Mode => {
    const tool = choices.tool();
    if (tool === "window") return "window";
    if (tool === "move") return "pan";
    if (tool === "scroll") return choices.enlarged() ? "pan" : "scroll";
    return "draw";
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button > 1) return;
    if (!(event.target instanceof Element) || event.target.closest("button, input, a") !== null) {
      return;
    }
    try {
      stage.setPointerCapture(event.pointerId);
    } catch {
      // a pointer that has gone already
    }
    const at = pointOf(event);
    fingers.set(event.pointerId, { first: at, last: at });
    if (fingers.size === 2) {
      enter("pinch");
      return;
    }
    if (fingers.size > 2) return;
    enter("waiting");
    if (event.pointerType === "mouse") {
      const moves = event.button === 1 || event.shiftKey;
      enter(moves ? "pan" : modeOfTool());
    } else if (modeOfTool() !== "draw") {
      holdTimer = window.setTimeout(() => {
        if (mode !== "waiting") return;
        enter("window");
        stage.dataset["holding"] = "yes";
        navigator.vibrate?.(12);
      }, HOLD_MS);
    } else {
      enter("draw");
    }
  });

  stage.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    const at = pointOf(event);
    const dx = at.x - finger.last.x;
    const dy = at.y - finger.last.y;
    if (mode === "pinch") {
      pinch(event.pointerId, at);
      return;
    }
    if (mode === "waiting") {
      if (Math.hypot(at.x - finger.first.x, at.y - finger.first.y) < STILL_PX) return;
      enter(modeOfTool());
    }
    finger.last = at;
    if (mode === "scroll") to.scroll(dy / pixelsOfSlice());
    else if (mode === "pan") to.pan(dx, dy);
    else if (mode === "window") to.window(dx, dy);
    else if (mode === "draw") to.draw(finger.first, at, false);
  });

  const pinch = (id: number, at: Point) => {
    const [first, second] = [...fingers.entries()];
    if (first === undefined || second === undefined) return;
    const [a, b] = [first[1].last, second[1].last];
    const before = { middle: middleOf(a, b), apart: Math.hypot(a.x - b.x, a.y - b.y) };
    const moved = fingers.get(id);
    if (moved === undefined) return;
    moved.last = at;
    const [c, d] = [first[1].last, second[1].last];
    const after = { middle: middleOf(c, d), apart: Math.hypot(c.x - d.x, c.y - d.y) };
    to.pan(after.middle.x - before.middle.x, after.middle.y - before.middle.y);
    if (before.apart > 4 && after.apart > 4) to.zoom(after.apart / before.apart, after.middle);
  };

  const lift = (event: PointerEvent, cancelled: boolean) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    fingers.delete(event.pointerId);
    const at = pointOf(event);
    if (mode === "draw") to.draw(finger.first, at, true);
    const still = Math.hypot(at.x - finger.first.x, at.y - finger.first.y) < STILL_PX;
    if (!cancelled && still && fingers.size === 0 && mode !== "pinch" && mode !== "draw") {
      if (stage.dataset["holding"] !== "yes") tapped(at);
    }
    delete stage.dataset["holding"];
    if (fingers.size === 0) enter("none");
    else if (mode === "pinch") {
      // The finger that stays goes on moving the picture, from where it is.
      for (const rest of fingers.values()) rest.first = rest.last;
      enter(choices.enlarged() ? "pan" : "waiting");
    }
  };
  const tapped = (at: Point) => {
    const now = performance.now();
    const near =
      lastTap !== null &&
      now - lastTap.when < DOUBLE_TAP_MS &&
      Math.hypot(at.x - lastTap.at.x, at.y - lastTap.at.y) < DOUBLE_TAP_PX;
    if (near) to.fit(at);
    else to.tap(at);
    lastTap = near ? null : { at, when: now };
  };
  stage.addEventListener("pointerup", (event) => {
    lift(event, false);
  });
  stage.addEventListener("pointercancel", (event) => {
    lift(event, true);
  });
  stage.addEventListener("contextmenu", (event) => {
    event.preventDefault();
  });

  let rest = 0;
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 33;
      if (event.ctrlKey || event.metaKey) {
        to.zoom(Math.exp(-pixels / 300), pointOf(event));
        return;
      }
      rest += pixels / NOTCH_PX;
      const whole = Math.trunc(rest);
      rest -= whole;
      if (whole !== 0) to.scroll(whole);
    },
    { passive: false },
  );
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

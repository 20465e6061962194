/**
 * Memory given back now. A collector counts the few bytes of the object, waits until much has
 * gathered, and a phone ends the page before that.
 */

import type { Frame } from "../model.ts";

/** The buffer is empty afterwards. Browsers without ArrayBuffer.prototype.transfer collect it later. */
export function freeBuffer(buffer: ArrayBufferLike): void {
  (buffer as { transfer?(bytes: number): ArrayBuffer }).transfer?.(0);
}

export function freeFrame(frame: Frame): void {
  if (frame.kind === "flat") frame.bitmap.close();
  else if (!frame.borrowed) freeBuffer(frame.values.buffer);
}

/** Whether it still holds its picture. */
export function isHeld(frame: Frame): boolean {
  return frame.kind === "flat" ? frame.bitmap.width > 0 : frame.values.length > 0;
}

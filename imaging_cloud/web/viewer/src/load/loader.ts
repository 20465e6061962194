/**
 * Which picture to fetch next, and what to show meanwhile: the shown one first, small previews of
 * all, sharper ones of all, then what is missing of the full ones outwards from the thumb, a few to
 * an answer. Bounded memory whatever the series' length.
 */

import { bytesOf, type Frame, type Picture, type Series } from "../model.ts";
import { ByteCache } from "./cache.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoded, Source } from "./source.ts";

const MB = 2 ** 20;

export interface Limits {
  compressedBytes: number;
  decodedBytes: number;
  previewBytes: number;
  /** Requests at a time: enough to fill the line, few enough that the shown picture soon has its share. */
  requests: number;
  /** Pictures on either side that are fetched ahead; Infinity: all that fit. */
  ahead: number;
}

/** What this device should hold. `deviceMemory` is in GiB, rounded; not all browsers tell. */
export function limitsOf(deviceMemory: number | undefined, saveData: boolean): Limits {
  const small = deviceMemory !== undefined && deviceMemory <= 3;
  return {
    compressedBytes: (small ? 32 : 64) * MB,
    decodedBytes: (small ? 24 : 48) * MB,
    previewBytes: 16 * MB,
    requests: 3,
    ahead: saveData ? 3 : Infinity,
  };
}

/** Pictures on either side of the shown one that are decoded before they are asked for. */
const DECODED_AHEAD = 4;
/** Pictures in one answer: each costs the server a look at permission and a line in the trail. */
const TOGETHER = 6;

export class Loader {
  private readonly compressed: ByteCache<Encoded>;
  private readonly decoded: ByteCache<Frame>;
  private readonly small: ByteCache<Frame>;
  private readonly previews: ByteCache<ArrayBuffer>;
  private readonly fetching = new Map<number, AbortController>();
  private readonly decoding = new Set<string>();
  private readonly failed = new Map<number, number>();
  /** Pictures whose preview has its second step. */
  private readonly sharper = new Set<number>();
  private previewing = false;
  private together = true;
  private requests = 0;
  private current = 0;
  private forward = true;
  private stopped = new AbortController();

  constructor(
    readonly series: Series,
    private readonly source: Source,
    private readonly decoder: Decoder,
    private readonly limits: Limits,
    private readonly arrived: (index: number) => void,
  ) {
    const close = (frame: Frame) => {
      if (frame.kind === "flat") frame.bitmap.close();
    };
    this.compressed = new ByteCache(limits.compressedBytes);
    this.decoded = new ByteCache(limits.decodedBytes, close);
    this.small = new ByteCache(limits.decodedBytes / 3, close);
    this.previews = new ByteCache(limits.previewBytes);
  }

  /** The best there is of a picture now. */
  frameAt(index: number): Frame | null {
    return this.decoded.get(String(index)) ?? this.small.get(String(index)) ?? null;
  }

  /** How many pictures are there in full, how many at least small, and of these the sharper ones. */
  progress(): { full: number; preview: number; sharper: number; total: number } {
    const total = this.series.pictures.length;
    let [full, preview, sharper] = [0, 0, 0];
    for (let at = 0; at < total; at++) {
      const whole = this.isWhole(at);
      if (whole) full++;
      if (whole || this.previews.has(String(at)) || this.small.has(String(at))) preview++;
      if (whole || this.sharper.has(at)) sharper++;
    }
    return { full, preview, sharper, total };
  }

  private isWhole(index: number): boolean {
    return this.compressed.has(String(index)) || this.decoded.has(String(index));
  }

  show(index: number): void {
    this.forward = index >= this.current;
    this.current = index;
    this.decodeAround();
    this.pump();
  }

  /** Small versions of all pictures; the full ones but the shown one wait for these. */
  async loadPreviews(): Promise<void> {
    this.previewing = true;
    try {
      await this.loadStep(1);
      if (this.limits.ahead === Infinity) await this.loadStep(2);
    } catch (error) {
      this.together = false;
      if (!this.stopped.signal.aborted) console.warn("previews:", error);
    } finally {
      this.previewing = false;
      this.pump();
    }
  }

  private async loadStep(step: 1 | 2): Promise<void> {
    for await (const { index, encoded } of this.source.previews(this.series, step, this.stopped.signal)) {
      const key = String(index);
      const before = step === 2 ? this.previews.get(key) : new ArrayBuffer(0);
      if (before === undefined) continue; // more pictures than there is room for previews
      const bytes = joined(before, encoded);
      this.previews.set(key, bytes, bytes.byteLength);
      if (step === 2) this.sharper.add(index);
      if (bytes.byteLength === this.picture(index)?.prefixes.at(-1)) {
        // So small a picture that nothing is missing.
        if (!this.isWhole(index)) this.compressed.set(key, { bytes, coded: true }, bytes.byteLength);
        if (this.near(index)) void this.decodeFull(index);
      } else if (this.near(index)) {
        this.decodePreview(index);
      }
    }
  }

  /** What failed while there was no network is asked for again. */
  retry(): void {
    this.failed.clear();
    this.pump();
  }

  stop(): void {
    this.stopped.abort();
    for (const each of this.fetching.values()) each.abort();
    for (const cache of [this.compressed, this.decoded, this.small, this.previews]) cache.clear();
  }

  private picture(index: number): Picture | undefined {
    return this.series.pictures[index];
  }

  /** Indices outwards from the shown one, those ahead of the movement first. */
  private *outwards(most: number): Generator<number> {
    const total = this.series.pictures.length;
    yield this.current;
    const step = this.forward ? 1 : -1;
    for (let away = 1; away < total && away <= most; away++) {
      for (const index of [this.current + step * away, this.current - step * away]) {
        if (index >= 0 && index < total) yield index;
      }
    }
  }

  private pump(): void {
    if (this.stopped.signal.aborted) return;
    let room = this.limits.compressedBytes;
    for (const index of this.outwards(this.limits.ahead)) {
      const waits = this.previewing || this.requests >= this.limits.requests;
      if (waits && index !== this.current) return;
      const picture = this.picture(index);
      if (picture === undefined) continue;
      room -= guessedBytes(picture);
      if (room < 0 && index !== this.current) return;
      if (!this.isMissing(index)) continue;
      const run = index === this.current ? [] : this.runFrom(index);
      if (run.length > 1) void this.fetchTogether(run);
      else void this.fetch(index, picture);
    }
  }

  private isMissing(index: number): boolean {
    if (this.isWhole(index) || this.fetching.has(index)) return false;
    return (this.failed.get(index) ?? 0) <= 2;
  }

  /** Pictures side by side, away from the shown one, whose rests can come in one answer. */
  private runFrom(index: number): number[] {
    const step = index > this.current ? 1 : -1;
    const run: number[] = [];
    for (let at = index; run.length < TOGETHER && this.hasBothSteps(at) && this.isMissing(at); at += step) {
      if (Math.abs(at - this.current) > this.limits.ahead) break;
      run.push(at);
    }
    return run.sort((a, b) => a - b);
  }

  private hasBothSteps(index: number): boolean {
    return this.together && this.sharper.has(index) && this.previews.has(String(index));
  }

  private async fetchTogether(run: number[]): Promise<void> {
    const controller = new AbortController();
    for (const index of run) this.fetching.set(index, controller);
    this.requests++;
    try {
      const [first, last] = [run[0] ?? 0, run.at(-1) ?? 0];
      for await (const { index, encoded } of this.source.rests(first, last, controller.signal)) {
        const before = this.previews.get(String(index));
        if (before === undefined) continue;
        const bytes = joined(before, encoded);
        this.compressed.set(String(index), { bytes, coded: true }, bytes.byteLength);
        this.fetching.delete(index);
        if (this.near(index)) void this.decodeFull(index);
        this.arrived(index);
      }
    } catch (error) {
      // Changed or not derived any more: single frames are always to be had.
      this.together = false;
      if (!controller.signal.aborted) console.warn(`pictures ${run.join()}:`, error);
    } finally {
      for (const index of run) {
        if (this.fetching.get(index) !== controller) continue;
        this.fetching.delete(index);
        this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
      }
      this.requests--;
      this.pump();
    }
  }

  private async fetch(index: number, picture: Picture): Promise<void> {
    const controller = new AbortController();
    this.fetching.set(index, controller);
    this.requests++;
    try {
      if (picture.kind === "grey" && !picture.hasLut) {
        const encoded = await this.source.frame(picture, controller.signal);
        this.compressed.set(String(index), encoded, encoded.bytes.byteLength);
        if (Math.abs(index - this.current) <= DECODED_AHEAD) await this.decodeFull(index);
      } else {
        const bitmap = await this.source.flat(picture, controller.signal);
        const { width: columns, height: rows } = bitmap;
        const frame: Frame = { kind: "flat", columns, rows, bitmap, full: true };
        this.keep(index, frame);
      }
      this.failed.delete(index);
    } catch (error) {
      if (!controller.signal.aborted) {
        this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
        console.warn(`picture ${index + 1}:`, error);
      }
    } finally {
      this.fetching.delete(index);
      this.requests--;
      this.arrived(index);
      this.pump();
    }
  }

  private decodeAround(): void {
    for (const index of this.outwards(DECODED_AHEAD)) {
      const key = String(index);
      if (this.decoded.has(key)) continue;
      if (this.compressed.has(key)) void this.decodeFull(index);
      if (!this.small.has(key)) this.decodePreview(index);
    }
  }

  private near(index: number): boolean {
    return Math.abs(index - this.current) <= DECODED_AHEAD;
  }

  private async decodeFull(index: number): Promise<void> {
    const encoded = this.compressed.get(String(index));
    const picture = this.picture(index);
    const name = `${index}/full`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    this.decoding.add(name);
    try {
      const frame =
        !encoded.coded
          ? rawFrame(picture, encoded.bytes)
          : await this.decoder.decode(
              encoded.bytes,
              0,
              picture.signed,
              () => this.near(index) && !this.stopped.signal.aborted,
              index === this.current,
            );
      if (frame !== null) this.keep(index, frame);
    } catch (error) {
      // The next look fetches it again; a stream that will not decode is the server's fault.
      this.compressed.delete(String(index));
      this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
      console.warn(`picture ${index + 1}:`, error);
    } finally {
      this.decoding.delete(name);
    }
  }

  private decodePreview(index: number): void {
    const encoded = this.previews.get(String(index));
    const picture = this.picture(index);
    const name = `${index}/small`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    if (this.decoded.has(String(index))) return;
    this.decoding.add(name);
    const settle = (frame: Frame | null) => {
      this.decoding.delete(name);
      if (frame === null || this.stopped.signal.aborted) return;
      this.small.set(String(index), frame, bytesOf(frame));
      this.arrived(index);
    };
    if (picture.kind === "colour" || picture.hasLut || picture.prefixes.length === 0) {
      createImageBitmap(new Blob([encoded])).then(
        (bitmap) => {
          const { width: columns, height: rows } = bitmap;
          settle({ kind: "flat", columns, rows, bitmap, full: false });
        },
        () => settle(null),
      );
      return;
    }
    const level = picture.prefixes.findIndex((bytes) => bytes >= encoded.byteLength);
    const skip = picture.prefixes.length - 1 - Math.max(level, 0);
    this.decoder
      .decode(encoded, skip, picture.signed, () => this.near(index), index === this.current)
      .then(settle, () => settle(null));
  }

  private keep(index: number, frame: Frame): void {
    if (this.stopped.signal.aborted) return;
    this.decoded.set(String(index), frame, bytesOf(frame));
    this.small.delete(String(index));
    this.arrived(index);
  }
}

function joined(first: ArrayBuffer, second: ArrayBuffer): ArrayBuffer {
  if (first.byteLength === 0) return second;
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(new Uint8Array(first));
  whole.set(new Uint8Array(second), first.byteLength);
  return whole.buffer;
}

/** HTJ2K halves most pictures; it is only a guess for planning. */
function guessedBytes(picture: Picture): number {
  const whole = picture.prefixes.at(-1);
  return whole ?? (picture.rows * picture.columns * picture.bitsAllocated) / 8;
}

/** Explicit little endian, as WADO-RS sends frames that are not compressed. */
export function rawFrame(picture: Picture, bytes: ArrayBuffer): Frame {
  const { columns, rows, signed } = picture;
  const count = columns * rows;
  const wide = picture.bitsAllocated > 8;
  if (bytes.byteLength < (wide ? count * 2 : count)) throw new Error("a short picture");
  const values = wide
    ? signed
      ? new Int16Array(bytes, 0, count)
      : new Uint16Array(bytes, 0, count)
    : signed
      ? new Int8Array(bytes, 0, count)
      : new Uint8Array(bytes, 0, count);
  return { kind: "grey", columns, rows, values, full: true };
}

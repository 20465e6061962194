/**
 * Which picture to fetch next, and what to show meanwhile: the shown one first, small previews of
 * all, sharper ones of all, then what is missing of the full ones outwards from the thumb, a few to
 * an answer. Bounded memory whatever the series' length.
 */

import { bytesOf, type Frame, isFlat, type Picture, type Series } from "../model.ts";
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
    // A slice of 512 x 512 is decoded anew in 7 ms: many at hand gain little.
    decodedBytes: (small ? 12 : 24) * MB,
    previewBytes: 16 * MB,
    requests: 3,
    ahead: saveData ? 3 : Infinity,
  };
}

/** At most so many on either side of the shown one are decoded before they are asked for. */
const DECODED_AHEAD = 4;
/** Pictures in one answer: each costs the server a look at permission and a line in the trail. */
const TOGETHER = 6;

export class Loader {
  private readonly compressed: ByteCache<number, Encoded>;
  private readonly decoded: ByteCache<number, Frame>;
  private readonly small: ByteCache<number, Frame>;
  private readonly previews: ByteCache<number, ArrayBuffer>;
  /** As many as the cache holds beside the shown one: large pictures would push each other out. */
  private readonly decodedAhead: number;
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
    const away = (index: number) => Math.abs(index - this.current);
    const free = (frame: Frame) => {
      if (frame.kind === "flat") frame.bitmap.close();
      else if (!frame.borrowed) decoder.reuse(frame.values.buffer as ArrayBuffer);
    };
    this.compressed = new ByteCache(limits.compressedBytes, undefined, away);
    this.decoded = new ByteCache(limits.decodedBytes, free, away);
    this.small = new ByteCache(limits.decodedBytes / 3, free, away);
    this.previews = new ByteCache(limits.previewBytes, undefined, away);
    const largest = Math.max(1, ...series.pictures.map((each) => decodedBytes(each, 0)));
    const beside = Math.floor((limits.decodedBytes / largest - 1) / 2);
    this.decodedAhead = Math.min(Math.max(beside, 0), DECODED_AHEAD);
  }

  /** The best there is of a picture now. */
  frameAt(index: number): Frame | null {
    return this.decoded.get(index) ?? this.small.get(index) ?? null;
  }

  /** How many pictures are there in full, how many at least small, and of these the sharper ones. */
  progress(): { full: number; preview: number; sharper: number; total: number } {
    const total = this.series.pictures.length;
    let [full, preview, sharper] = [0, 0, 0];
    for (let at = 0; at < total; at++) {
      const whole = this.isWhole(at);
      if (whole) full++;
      if (whole || this.previews.has(at) || this.small.has(at)) preview++;
      if (whole || this.sharper.has(at)) sharper++;
    }
    return { full, preview, sharper, total };
  }

  private isWhole(index: number): boolean {
    return this.compressed.has(index) || this.decoded.has(index);
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
      if (this.limits.ahead === Infinity && this.roomForSharper()) await this.loadStep(2);
    } catch (error) {
      this.together = false;
      if (!this.stopped.signal.aborted) console.warn("previews:", error);
    } finally {
      this.previewing = false;
      this.pump();
    }
  }

  /** Whether both steps of all pictures fit: a part of them would cost the others their first. */
  private roomForSharper(): boolean {
    return this.source.previewBytes() <= this.limits.previewBytes;
  }

  private async loadStep(step: 1 | 2): Promise<void> {
    for await (const { index, encoded } of this.source.previews(this.series, step, this.stopped.signal)) {
      const before = step === 2 ? this.previews.get(index) : new ArrayBuffer(0);
      if (before === undefined) continue; // more pictures than there is room for previews
      const bytes = joined(before, encoded);
      this.previews.set(index, bytes, bytes.byteLength);
      if (step === 2) this.sharper.add(index);
      if (bytes.byteLength === this.picture(index)?.prefixes.at(-1)) {
        // So small a picture that nothing is missing.
        if (!this.isWhole(index)) this.compressed.set(index, { bytes, coded: true }, bytes.byteLength);
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
    return this.together && this.sharper.has(index) && this.previews.has(index);
  }

  private async fetchTogether(run: number[]): Promise<void> {
    const controller = new AbortController();
    for (const index of run) this.fetching.set(index, controller);
    this.requests++;
    try {
      const [first, last] = [run[0] ?? 0, run.at(-1) ?? 0];
      for await (const { index, encoded } of this.source.rests(first, last, controller.signal)) {
        const before = this.previews.get(index);
        if (before === undefined) continue;
        const bytes = joined(before, encoded);
        this.compressed.set(index, { bytes, coded: true }, bytes.byteLength);
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
      const { signal } = controller;
      const encoded = isFlat(picture)
        ? await this.source.flat(picture, signal)
        : await this.source.frame(picture, signal);
      this.compressed.set(index, encoded, encoded.bytes.byteLength);
      if (this.near(index)) await this.decodeFull(index);
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
    for (const index of this.outwards(this.decodedAhead)) {
      if (this.decoded.has(index)) continue;
      if (this.compressed.has(index)) void this.decodeFull(index);
      if (!this.small.has(index)) this.decodePreview(index);
    }
  }

  private near(index: number): boolean {
    return Math.abs(index - this.current) <= this.decodedAhead;
  }

  private async decodeFull(index: number): Promise<void> {
    const encoded = this.compressed.get(index);
    const picture = this.picture(index);
    const name = `${index}/full`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    this.decoding.add(name);
    try {
      const frame = await this.decodedFrame(index, picture, encoded);
      if (frame !== null) this.keep(index, frame);
    } catch (error) {
      // The next look fetches it again; a stream that will not decode is the server's fault.
      this.compressed.delete(index);
      this.failed.set(index, (this.failed.get(index) ?? 0) + 1);
      console.warn(`picture ${index + 1}:`, error);
    } finally {
      this.decoding.delete(name);
    }
  }

  private async decodedFrame(index: number, picture: Picture, encoded: Encoded): Promise<Frame | null> {
    const wanted = () => this.near(index) && !this.stopped.signal.aborted;
    if (isFlat(picture)) return wanted() ? flatFrame(encoded.bytes, true) : null;
    if (!encoded.coded) return rawFrame(picture, encoded.bytes);
    const form = { skip: 0, signed: picture.signed, size: decodedBytes(picture, 0) };
    return this.decoder.decode(encoded.bytes, form, wanted, index === this.current);
  }

  private decodePreview(index: number): void {
    const encoded = this.previews.get(index);
    const picture = this.picture(index);
    const name = `${index}/small`;
    if (encoded === undefined || picture === undefined || this.decoding.has(name)) return;
    if (this.decoded.has(index)) return;
    this.decoding.add(name);
    const settle = (frame: Frame | null) => {
      this.decoding.delete(name);
      if (frame === null || this.stopped.signal.aborted) return;
      this.small.set(index, frame, bytesOf(frame));
      this.arrived(index);
    };
    if (isFlat(picture) || picture.prefixes.length === 0) {
      flatFrame(encoded, false).then(settle, () => settle(null));
      return;
    }
    const level = picture.prefixes.findIndex((bytes) => bytes >= encoded.byteLength);
    const skip = picture.prefixes.length - 1 - Math.max(level, 0);
    const form = { skip, signed: picture.signed, size: decodedBytes(picture, skip) };
    this.decoder
      .decode(encoded, form, () => this.near(index), index === this.current)
      .then(settle, () => settle(null));
  }

  private keep(index: number, frame: Frame): void {
    if (this.stopped.signal.aborted) return;
    this.decoded.set(index, frame, bytesOf(frame));
    this.small.delete(index);
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

async function flatFrame(bytes: ArrayBuffer, full: boolean): Promise<Frame> {
  const bitmap = await createImageBitmap(new Blob([bytes]));
  return { kind: "flat", columns: bitmap.width, rows: bitmap.height, bitmap, full };
}

/** `skip` times each side is halved. */
function decodedBytes(picture: Picture, skip: number): number {
  const each = isFlat(picture) ? 4 : picture.bitsAllocated > 8 ? 2 : 1;
  return Math.ceil(picture.rows / 2 ** skip) * Math.ceil(picture.columns / 2 ** skip) * each;
}

/** HTJ2K and PNG are mostly half of it; it is only a guess for planning. */
function guessedBytes(picture: Picture): number {
  const { rows, columns, bitsAllocated } = picture;
  if (isFlat(picture)) return rows * columns * (picture.kind === "colour" ? 3 : 1);
  return picture.prefixes.at(-1) ?? (rows * columns * bitsAllocated) / 8;
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
  return { kind: "grey", columns, rows, values, full: true, borrowed: true };
}

/** A few decoding workers and their queue. What is no longer wanted is never started. */

import type { GreyFrame } from "../model.ts";
import type { Done, Job } from "./decode.worker.ts";

/** A worker whose codec has grown beyond this for a large picture is not kept. */
const MOST_HEAP = 64 * 2 ** 20;

/**
 * Buffers are used again and again: a collector counts them late, and what lies about meanwhile is
 * more than a phone has. So many are kept, and a compressed one only up to this size.
 */
const MOST_SPARE = 8;
const MOST_SCRATCH = 4 * 2 ** 20;
const LEAST_SCRATCH = 256 * 2 ** 10;

interface Waiting {
  job: Pick<Job, "id" | "skip" | "signed">;
  encoded: ArrayBuffer;
  /** Bytes of the values. */
  size: number;
  wanted: () => boolean;
  resolve: (frame: GreyFrame | null) => void;
  reject: (error: Error) => void;
}

export class Decoder {
  private readonly idle: Worker[] = [];
  private readonly queue: Waiting[] = [];
  private readonly running = new Map<number, Waiting>();
  private readonly spare: ArrayBuffer[] = [];
  private readonly scratch: ArrayBuffer[] = [];
  private next = 1;
  private made = 0;
  private starting = 0;

  private readonly module: Promise<WebAssembly.Module>;

  /**
   * `script` and `wasm` are addresses; at most `most` workers are started, the first at once. The
   * module is fetched here and not in the workers: what the page has preloaded is the page's.
   */
  constructor(
    private readonly script: string,
    wasm: string,
    private readonly most: number,
  ) {
    this.module = WebAssembly.compileStreaming(fetch(wasm));
    this.start();
  }

  /** Memory of values that nobody needs any more. */
  reuse(values: ArrayBuffer): void {
    if (values.byteLength === 0) return;
    this.spare.push(values);
    if (this.spare.length > MOST_SPARE) this.spare.shift();
  }

  /** `size` in bytes of the values. Null when `wanted` said no before its turn came. */
  decode(
    encoded: ArrayBuffer,
    { skip, signed, size }: { skip: number; signed: boolean; size: number },
    wanted: () => boolean,
    first: boolean,
  ): Promise<GreyFrame | null> {
    return new Promise((resolve, reject) => {
      const job = { id: this.next++, skip, signed };
      const waiting = { job, encoded, size, wanted, resolve, reject };
      if (first) this.queue.unshift(waiting);
      else this.queue.push(waiting);
      this.pump();
    });
  }

  /** A worker takes jobs once it has its codec. */
  private start(): void {
    this.made++;
    this.starting++;
    const worker = new Worker(this.script, { type: "module" });
    worker.onerror = (event) => console.warn("decoder:", event.message);
    worker.onmessage = (event: MessageEvent<Done>) => {
      if (event.data.heap > MOST_HEAP && this.queue.length === 0) {
        worker.terminate();
        this.made--;
      } else {
        this.idle.push(worker);
      }
      if (event.data.encoded.byteLength <= MOST_SCRATCH) this.scratch.push(event.data.encoded);
      this.finish(event.data);
      this.pump();
    };
    void this.module.then((module) => {
      worker.postMessage(module);
      this.starting--;
      this.idle.push(worker);
      this.pump();
    });
  }

  private finish(done: Done): void {
    const waiting = this.running.get(done.id);
    this.running.delete(done.id);
    if (waiting === undefined) return;
    if (done.values === null) {
      waiting.reject(new Error(done.error));
      return;
    }
    const { columns, rows, values } = done;
    waiting.resolve({ kind: "grey", columns, rows, values, full: waiting.job.skip === 0 });
  }

  private send(worker: Worker, { job, encoded, size }: Waiting): void {
    // A copy: the compressed bytes stay in their cache.
    const length = encoded.byteLength;
    const copy = this.scratchFor(length);
    new Uint8Array(copy).set(new Uint8Array(encoded));
    const at = this.spare.findIndex((each) => each.byteLength === size);
    const room = at < 0 ? null : (this.spare.splice(at, 1)[0] ?? null);
    const whole: Job = { ...job, encoded: copy, length, room };
    worker.postMessage(whole, room === null ? [copy] : [copy, room]);
  }

  private scratchFor(length: number): ArrayBuffer {
    const found = this.scratch.pop();
    if (found !== undefined && found.byteLength >= length) return found;
    return new ArrayBuffer(Math.max(length, LEAST_SCRATCH));
  }

  private pump(): void {
    while (this.queue.length > 0) {
      if (this.idle.length === 0) {
        // One at a time: while the first starts there is no telling whether a second is needed.
        if (this.starting === 0 && this.made < this.most) this.start();
        return;
      }
      const waiting = this.queue.shift();
      if (waiting === undefined) return;
      if (!waiting.wanted()) {
        waiting.resolve(null);
        continue;
      }
      const worker = this.idle.pop();
      if (worker === undefined) return;
      this.running.set(waiting.job.id, waiting);
      this.send(worker, waiting);
    }
  }
}

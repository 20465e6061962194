/** A few decoding workers and their queue. What is no longer wanted is never started. */

import type { GreyFrame } from "../model.ts";
import type { Done, Job } from "./decode.worker.ts";

/** A worker whose codec has grown beyond this for a large picture is not kept. */
const MOST_HEAP = 64 * 2 ** 20;

interface Waiting {
  job: Job;
  wanted: () => boolean;
  resolve: (frame: GreyFrame | null) => void;
  reject: (error: Error) => void;
}

export class Decoder {
  private readonly idle: Worker[] = [];
  private readonly queue: Waiting[] = [];
  private readonly running = new Map<number, Waiting>();
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

  /** Null when `wanted` said no before its turn came. */
  decode(
    encoded: ArrayBuffer,
    skip: number,
    signed: boolean,
    wanted: () => boolean,
    first: boolean,
  ): Promise<GreyFrame | null> {
    return new Promise((resolve, reject) => {
      const job = { id: this.next++, encoded, skip, signed };
      const waiting = { job, wanted, resolve, reject };
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
      // A copy: the compressed bytes stay in their cache.
      worker.postMessage(waiting.job);
    }
  }
}

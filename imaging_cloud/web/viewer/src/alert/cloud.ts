/** The calls of the component. A token goes into the header alone; without one, our own cookie. */

import type { Answer, Decision, OrderDocument, Token } from "./wire.ts";

/** The order screen must not wait longer: the contract's 2 s and the way back. */
const SECONDS_TO_WAIT = 3;
const THUMBNAIL_SIDE = 224;

/** `status` 0: nothing came back. */
export class NotAnswered extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export class CloudCalls {
  constructor(readonly base: string, readonly token: Token) {}

  check(order: OrderDocument, signal: AbortSignal): Promise<Answer> {
    return this.json<Answer>("/api/order-check", this.post(order, signal));
  }

  decide(alertId: string, decision: Decision): Promise<unknown> {
    // keepalive: the order screen may be left at once.
    const call = { ...this.post(decision), keepalive: true };
    return this.json(`/api/order-check/${encodeURIComponent(alertId)}/decision`, call);
  }

  async institutions(): Promise<Record<string, string>> {
    const told = await this.json<{ institutions: { code: string; name: string }[] }>("/api/institutions", {});
    return Object.fromEntries(told.institutions.map((each) => [each.code, each.name]));
  }

  /** Fetched, not an <img>: another origin's page has no cookie of ours, and its policy may be strict. */
  async thumbnail(studyUid: string): Promise<ImageBitmap> {
    const path = `/dicom-web/studies/${studyUid}/thumbnail?viewport=${THUMBNAIL_SIDE},${THUMBNAIL_SIDE}`;
    const answer = await this.call(path, { headers: { Accept: "image/jpeg" } });
    return createImageBitmap(await answer.blob());
  }

  async currentToken(): Promise<string | null> {
    return typeof this.token === "function" ? await this.token() : this.token;
  }

  private post(document: unknown, signal?: AbortSignal): RequestInit {
    const headers = { "Content-Type": "application/json" };
    const init: RequestInit = { method: "POST", headers, body: JSON.stringify(document) };
    return signal ? { ...init, signal } : init;
  }

  private async json<T>(path: string, init: RequestInit): Promise<T> {
    return (await (await this.call(path, init)).json()) as T;
  }

  private async call(path: string, init: RequestInit): Promise<Response> {
    const limit = AbortSignal.timeout(SECONDS_TO_WAIT * 1000);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    let answer: Response;
    try {
      const token = await this.currentToken();
      const headers = new Headers(init.headers);
      if (token) headers.set("Authorization", `Bearer ${token}`);
      const credentials = token ? "omit" : "same-origin";
      answer = await fetch(this.base + path, { ...init, headers, credentials, signal });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new NotAnswered(0, "no answer");
    }
    if (!answer.ok) throw new NotAnswered(answer.status, await told(answer));
    return answer;
  }
}

async function told(answer: Response): Promise<string> {
  try {
    const document = (await answer.json()) as { error?: { message?: string } };
    return document.error?.message ?? "";
  } catch {
    return "";
  }
}

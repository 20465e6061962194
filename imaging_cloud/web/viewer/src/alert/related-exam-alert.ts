/** <related-exam-alert>: the pop-up of the order check, for any order screen. docs/related-exam-alert.md */

import { element } from "../ui/dom.ts";
import { CloudCalls, NotAnswered } from "./cloud.ts";
import { adoptStyle } from "./style.ts";
import { Words } from "./texts.ts";
import { asides, cautionList, duplicates, others, priorList, sheet, type Shown } from "./view.ts";
import type { Answer, Decision, Match, OrderDocument, Token } from "./wire.ts";

/** After the last change of the order; what one types is more than one change. */
const SETTLE_MS = 300;

export class RelatedExamAlert extends HTMLElement {
  static readonly observedAttributes = ["language"];

  /** The last answer; null before the first and while the cloud is away. */
  answer: Answer | null = null;

  private readonly note = element("section", { class: "note", role: "status" });
  private readonly dialog = element("dialog", { "aria-labelledby": "title" });
  private heldToken: Token = null;
  private heldNames: Record<string, string> = {};
  private asked: OrderDocument | null = null;
  private askedKey = "";
  private timer = 0;
  private running = new AbortController();
  private interruptedFor = "";
  private decided = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    adoptStyle(root);
    root.append(this.note, this.dialog);
    // What the page said before this file had come stands in the way of the accessors.
    for (const name of ["token", "names", "order"] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete (this as Partial<RelatedExamAlert>)[name];
      Object.assign(this, { [name]: value });
    }
  }

  disconnectedCallback(): void {
    this.forget();
  }

  attributeChangedCallback(): void {
    this.draw();
  }

  /** Where the cloud is: the origin this file came from, unless the attribute says otherwise. */
  get base(): string {
    return (this.getAttribute("base") ?? new URL(import.meta.url).origin).replace(/\/$/, "");
  }

  get language(): string {
    const outer = this.closest("[lang]") ?? document.documentElement;
    return this.getAttribute("language") || outer.getAttribute("lang") || "zh-CN";
  }

  /** The bearer token for the cloud: text or a function; null where our own cookie serves. */
  get token(): Token {
    return this.heldToken;
  }

  set token(token: Token) {
    this.heldToken = token;
  }

  /** Names of institutions by code; asked for where one is missing. */
  get names(): Record<string, string> {
    return this.heldNames;
  }

  set names(names: Record<string, string>) {
    this.heldNames = names;
  }

  get order(): OrderDocument | null {
    return this.asked;
  }

  /** Checked once it has rested; null takes note and pop-up away. */
  set order(order: OrderDocument | null) {
    const key = JSON.stringify(order && { ...order, order: { ...order.order, placedAt: null } });
    if (key === this.askedKey) return;
    this.askedKey = key;
    this.asked = order;
    this.forget();
    if (order === null) {
      this.answer = null;
      this.draw();
    } else {
      this.timer = window.setTimeout(() => void this.ask(true), SETTLE_MS);
    }
  }

  /** Check at once, as the order that is placed now. An older check is given up. */
  async check(): Promise<void> {
    await this.ask(false);
  }

  /** `preview`: the order is still being typed, so that this is no order of the statistics. */
  private async ask(preview: boolean): Promise<void> {
    this.forget();
    const order = this.asked;
    if (order === null) return;
    const running = (this.running = new AbortController());
    this.note.setAttribute("aria-busy", "true");
    try {
      const placed = { placedAt: new Date().toISOString(), ...order.order };
      const answer = await this.calls().check({ ...order, order: placed, preview }, running.signal);
      if (!running.signal.aborted) await this.take(answer);
    } catch (error) {
      if (!running.signal.aborted) this.fail(error);
    } finally {
      if (!running.signal.aborted) this.note.removeAttribute("aria-busy");
    }
  }

  private calls(): CloudCalls {
    return new CloudCalls(this.base, this.token);
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.running.abort();
  }

  private async take(answer: Answer): Promise<void> {
    const running = this.running;
    if (answer.matches.some((each) => !(each.institution in this.names))) {
      const told = await this.calls().institutions().catch(() => ({}));
      if (running.signal.aborted) return;
      this.names = { ...told, ...this.names };
    }
    this.answer = answer;
    const key = JSON.stringify([this.asked?.patient.identifiers, answer.exam, duplicates(answer).map((each) => each.studyInstanceUID)]);
    const news = key !== this.interruptedFor;
    if (news) this.decided = "";
    this.draw();
    this.tell("checked", { answer });
    if (answer.outcome !== "duplicate") {
      this.dialog.close();
    } else if (news && this.isConnected) {
      // Once for what it says: who closed it is not stopped again by the next letter typed.
      this.interruptedFor = key;
      this.interrupt();
    }
  }

  private fail(error: unknown): void {
    const status = error instanceof NotAnswered ? error.status : 0;
    const words = new Words(this.language);
    this.answer = null;
    // The same order may be set once more, to ask again.
    this.askedKey = "";
    this.dialog.close();
    const message = error instanceof Error ? error.message : "";
    const asked = status === 422 || status === 403 ? words.say("question", message) : words.say(status === 401 ? "login" : "away");
    this.note.className = "note away";
    this.note.replaceChildren(element("p", {}, asked));
    this.tell("unavailable", { status, message });
  }

  private shown(answer: Answer): Shown {
    const calls = this.calls();
    return {
      words: new Words(this.language),
      answer,
      institution: (code) => this.names[code] ?? code,
      thumbnail: (uid) => calls.thumbnail(uid),
      open: (match) => void this.open(answer, match),
      recognise: (match) => void this.decide(answer, { outcome: "recognised", studyInstanceUID: match.studyInstanceUID }, match),
      repeat: (code, text) => {
        const first = duplicates(answer)[0];
        const reason = text ? { code, text } : { code };
        const decision: Decision = { outcome: "repeated", reason };
        if (first) decision.studyInstanceUID = first.studyInstanceUID;
        void this.decide(answer, decision, first);
      },
    };
  }

  private draw(): void {
    const answer = this.answer;
    this.note.className = `note ${answer?.outcome ?? ""}`;
    this.note.replaceChildren();
    if (answer === null) return;
    const shown = this.shown(answer);
    const head = element("div", { class: "head" }, element("h2", {}, shown.words.say(answer.outcome)));
    if (answer.outcome === "duplicate") {
      const again = element("button", { type: "button" }, shown.words.say("show"));
      again.addEventListener("click", () => this.interrupt());
      head.append(again);
    }
    this.note.append(head);
    if (this.decided) this.note.append(element("p", {}, this.decided));
    this.note.append(...asides(shown.words, answer), ...cautionList(shown.words, answer.cautions));
    if (others(answer).length > 0) this.note.append(priorList(shown, others(answer), false));
  }

  private interrupt(): void {
    const answer = this.answer;
    if (answer === null) return;
    this.dialog.replaceChildren(sheet(this.shown(answer), () => this.dialog.close()));
    if (!this.dialog.open) this.dialog.showModal();
  }

  private async open(answer: Answer, match: Match): Promise<void> {
    const uid = match.studyInstanceUID;
    const current = this.getAttribute("current");
    const path = current && current !== uid ? `/view/${current}?with=${uid}` : `/view/${uid}`;
    const detail = { alertId: answer.alertId, studyInstanceUID: uid, url: this.base + path };
    const calls = this.calls();
    if (this.tell("opened", detail)) await this.show(calls, path);
    await calls.decide(answer.alertId, { outcome: "opened", studyInstanceUID: uid }).catch(() => undefined);
  }

  /** With a token of another origin's page: a form, so that the token stands in no address. */
  private async show(calls: CloudCalls, path: string): Promise<void> {
    const token = await calls.currentToken();
    if (!token) {
      window.open(this.base + path, "_blank", "noopener");
      return;
    }
    const form = element("form", { method: "post", action: `${this.base}/login`, target: "_blank", rel: "noopener" });
    for (const [name, value] of Object.entries({ token, next: path })) form.append(element("input", { type: "hidden", name, value }));
    this.shadowRoot?.append(form);
    form.submit();
    form.remove();
  }

  private async decide(answer: Answer, decision: Decision, match: Match | undefined): Promise<void> {
    const words = new Words(this.language);
    const buttons = [...this.dialog.querySelectorAll("button")];
    for (const each of buttons) each.disabled = true;
    try {
      await this.calls().decide(answer.alertId, decision);
    } catch {
      const problem = this.dialog.querySelector(".problem");
      if (problem) problem.textContent = words.say("kept");
      return;
    } finally {
      for (const each of buttons) each.disabled = false;
    }
    const code = decision.reason?.code ?? "";
    const day = match?.performedAt?.slice(0, 10) ?? words.say("undated");
    this.decided = code ? words.say("repeated", words.reason(code)) : words.say("recognised", day);
    this.dialog.close();
    this.draw();
    const detail = { alertId: answer.alertId, studyInstanceUID: decision.studyInstanceUID, reason: decision.reason ?? null };
    this.tell(decision.outcome, detail);
  }

  private tell(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

if (!customElements.get("related-exam-alert")) customElements.define("related-exam-alert", RelatedExamAlert);

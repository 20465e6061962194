/** /desk: completes the exam while it is typed, and asks the cloud as the form changes. */

import type { RelatedExamAlert } from "./alert/related-exam-alert.ts";
import type { OrderDocument } from "./alert/wire.ts";
import { Combobox } from "./desk/combobox.ts";

const FEWEST_LETTERS = 2;

function start(): void {
  const form = document.querySelector<HTMLFormElement>("form.desk");
  const alert = document.querySelector<RelatedExamAlert>("related-exam-alert");
  const exam = document.querySelector<HTMLInputElement>("#exam");
  const code = document.querySelector<HTMLInputElement>("#code");
  const facts = document.querySelector("#desk-facts")?.textContent;
  if (!form || !alert || !exam || !code || !facts) return;
  alert.names = (JSON.parse(facts) as { names: Record<string, string> }).names;
  document.querySelector(".answer")?.remove();

  /** Initials lead to a name and are none: they are not asked about. */
  let isName = exam.value.trim().length >= FEWEST_LETTERS;
  let composing = false;
  const ask = () => {
    if (!composing) alert.order = isName ? documentOf(new FormData(form)) : null;
  };
  const names = new Combobox(exam, {
    address: (text) => {
      const query = new URLSearchParams({ q: text, institution: value(new FormData(form), "institution") });
      return `/api/catalogue/complete?${query}`;
    },
    own: form.dataset["own"] ?? "",
    typed: (items) => {
      code.value = "";
      const text = spelled(exam.value);
      const known = items.length === 0 || items.some((each) => spelled(`${each.name} ${each.english ?? ""}`).includes(text));
      isName = text.length >= FEWEST_LETTERS && known;
      ask();
    },
    chosen: (item) => {
      code.value = item.code ?? "";
      isName = true;
      ask();
    },
  });
  form.addEventListener("compositionstart", () => (composing = true));
  form.addEventListener("compositionend", () => {
    composing = false;
    ask();
  });
  form.addEventListener("input", (event) => {
    if (event.target !== exam) ask();
  });
  alert.addEventListener("checked", () => {
    if (alert.answer?.outcome === "duplicate") names.close();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    names.close();
    isName = exam.value.trim() !== "";
    alert.order = documentOf(new FormData(form));
    void alert.check();
  });
  if (isName) ask();
}

function spelled(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
}

function value(data: FormData, name: string): string {
  const found = data.get(name);
  return typeof found === "string" ? found.trim() : "";
}

/** The same document as web/desk_page.py makes of the form. */
function documentOf(data: FormData): OrderDocument {
  const read = (name: string) => value(data, name) || null;
  const number = value(data, "value");
  const egfr = value(data, "eGFR");
  return {
    patient: {
      identifiers: number ? [{ issuer: value(data, "issuer"), value: number }] : [],
      name: read("name"),
      birthDate: read("birthDate"),
      sex: read("sex"),
    },
    order: {
      name: read("exam"),
      code: read("code"),
      modality: read("modality"),
      laterality: read("laterality"),
      priority: read("priority"),
      institution: value(data, "institution"),
    },
    facts: {
      eGFR: egfr && !Number.isNaN(Number(egfr)) ? Number(egfr) : null,
      pregnant: { yes: true, no: false }[value(data, "pregnant")] ?? null,
      conditions: value(data, "conditions")
        .split(/[,，]/)
        .map((each) => each.trim().toUpperCase())
        .filter(Boolean)
        .map((each) => ({ system: "ICD-10", code: each })),
    },
  };
}

start();

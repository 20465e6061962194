/** What the pop-up and the note are made of. Text is always text, never markup. */

import { element } from "../ui/dom.ts";
import type { Words } from "./texts.ts";
import type { Answer, Caution, Match } from "./wire.ts";

/** An order interrupts with at most so many priors. */
export const MOST_PRIORS = 3;
const THUMBNAIL = 224;

export interface Shown {
  words: Words;
  answer: Answer;
  institution(code: string): string;
  thumbnail(studyUid: string): Promise<ImageBitmap>;
  open(match: Match): void;
  recognise(match: Match): void;
  repeat(code: string, text: string): void;
}

/** The priors that may serve: the pop-up shows these. */
export function duplicates(answer: Answer): Match[] {
  return answer.matches.filter((each) => each.grade === "duplicate").slice(0, MOST_PRIORS);
}

/** The rest: a note beside the order, never an interruption. */
export function others(answer: Answer): Match[] {
  return answer.matches.filter((each) => each.grade !== "duplicate").slice(0, MOST_PRIORS);
}

function pressable(label: string, look: string, pressed: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: look }, label);
  made.addEventListener("click", pressed);
  return made;
}

export function priorList(shown: Shown, matches: Match[], serving: boolean): HTMLElement {
  return element("ul", { class: "priors" }, ...matches.map((match) => prior(shown, match, serving)));
}

function prior(shown: Shown, match: Match, serving: boolean): HTMLElement {
  const { words } = shown;
  const actions = element("div", { class: "actions" });
  if (match.viewerUrl) actions.append(pressable(words.say("open"), "main", () => shown.open(match)));
  if (serving) actions.append(pressable(words.say("recognise"), "", () => shown.recognise(match)));
  const grade = element("span", { class: `grade ${match.grade}` }, words.say(`grade_${match.grade}`));
  const about = element(
    "div",
    { class: "about" },
    element("h3", {}, words.exam(match.exam), " ", grade),
    element("p", {}, [shown.institution(match.institution), match.recognition?.mark ?? ""].filter(Boolean).join(" · ")),
    element("p", {}, when(words, match)),
    element("p", { class: "quiet" }, (words.chinese ? match.reasonsZh : match.reasons).join(words.chinese ? "；" : "; ")),
  );
  const made = element("li", { class: "prior" }, about, actions);
  if (match.viewerUrl) made.prepend(picture(shown, match));
  else made.classList.add("bare");
  return made;
}

function when(words: Words, match: Match): string {
  const age = match.ageDays === 0 ? words.say("today") : words.say("days", match.ageDays ?? 0);
  return [
    match.performedAt?.slice(0, 10) ?? words.say("undated"),
    match.ageDays === null ? "" : age,
    match.validUntil && match.grade === "duplicate" ? words.say("until", match.validUntil) : "",
    match.arriving ? words.say("arriving") : "",
  ].filter(Boolean).join(" · ");
}

function picture(shown: Shown, match: Match): HTMLCanvasElement {
  const label = shown.words.say("picture");
  const canvas = element("canvas", { width: `${THUMBNAIL}`, height: `${THUMBNAIL}`, role: "img", "aria-label": label });
  shown.thumbnail(match.studyInstanceUID).then(
    (bitmap) => {
      const scale = Math.min(THUMBNAIL / bitmap.width, THUMBNAIL / bitmap.height);
      const [width, height] = [bitmap.width * scale, bitmap.height * scale];
      canvas.getContext("2d")?.drawImage(bitmap, (THUMBNAIL - width) / 2, (THUMBNAIL - height) / 2, width, height);
      canvas.dataset["drawn"] = "true";
      bitmap.close();
    },
    () => {
      canvas.parentElement?.classList.add("bare");
      canvas.remove();
    },
  );
  return canvas;
}

export function cautionList(words: Words, cautions: Caution[]): HTMLElement[] {
  return cautions.map((each) =>
    element(
      "p",
      { class: `caution ${each.severity}` },
      words.labelled("caution", each.message),
      element("span", {}, words.labelled("source", each.source)),
    ),
  );
}

export function asides(words: Words, answer: Answer): HTMLElement[] {
  const told = [
    answer.identity.certainty === "possible" ? words.say("possible") : "",
    answer.withheld > 0 ? words.say("withheld", answer.withheld) : "",
  ];
  return told.filter(Boolean).map((text) => element("p", { class: "quiet" }, text));
}

/** The pop-up's content: what exists, and the three things one can do about it. */
export function sheet(shown: Shown, close: () => void): HTMLElement {
  const { words, answer } = shown;
  // The heading has the focus, so that what is being typed presses no button.
  const heading = element("h2", { tabindex: "-1", autofocus: "", id: "title" }, words.say("title"));
  return element(
    "div",
    { class: "sheet" },
    element("div", { class: "head" }, heading, pressable(words.say("close"), "", close)),
    ...asides(words, answer),
    priorList(shown, duplicates(answer), true),
    ...cautionList(words, answer.cautions),
    repeating(shown),
    element("p", { class: "quiet" }, words.say("advice")),
  );
}

function repeating(shown: Shown): HTMLElement {
  const { words } = shown;
  const choice = element("select", { required: "" }, element("option", { value: "" }, words.say("choose")));
  for (const [code, name] of words.reasons()) choice.append(element("option", { value: code }, name));
  const remark = element("input", { maxlength: "200", autocomplete: "off" });
  const problem = element("p", { class: "problem", role: "alert" });
  const said = () => {
    problem.textContent = choice.value ? "" : words.say("needed");
    choice.toggleAttribute("aria-invalid", !choice.value);
    if (choice.value) shown.repeat(choice.value, remark.value.trim());
    else choice.focus();
  };
  return element(
    "div",
    { class: "repeat" },
    element("label", {}, words.say("because"), choice),
    element("label", {}, words.say("remark"), remark),
    pressable(words.say("repeat"), "", said),
    problem,
  );
}

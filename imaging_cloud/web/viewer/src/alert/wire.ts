/** What goes over the wire (docs/http.md, "The order check"). */

export interface OrderDocument {
  patient: { identifiers: { issuer: string; value: string }[]; [more: string]: unknown };
  /** `placedAt` is now where it is missing. */
  order: { name?: string | null; code?: string | null; institution: string; placedAt?: string; [more: string]: unknown };
  facts?: Record<string, unknown>;
  /** Asked while the order is still being typed: statistics leave it out until somebody decides. */
  preview?: boolean;
}

export interface Exam {
  modality: string;
  regions: string[];
  contrast: string;
  angio: boolean;
}

export interface Match {
  grade: "duplicate" | "partial" | "related";
  studyInstanceUID: string;
  institution: string;
  performedAt: string | null;
  ageDays: number | null;
  validUntil: string | null;
  exam: Exam;
  reasons: string[];
  reasonsZh: string[];
  arriving: boolean;
  /** null: its images cannot be opened now; the reasons say why. */
  viewerUrl: string | null;
  /** Where the region keeps marks of mutual recognition (HR). */
  recognition?: { mark: string; reaches: boolean };
}

export interface Caution {
  rule: string;
  severity: "info" | "warning" | "critical";
  message: string;
  source: string;
}

export interface Answer {
  alertId: string;
  outcome: "duplicate" | "related" | "none";
  exam: Exam;
  identity: { certainty: "certain" | "possible" | "unknown" };
  matches: Match[];
  cautions: Caution[];
  withheld: number;
}

export interface Decision {
  outcome: "recognised" | "repeated" | "opened";
  studyInstanceUID?: string;
  reason?: { code: string; text?: string };
}

/** A string, or a function that gives one when it is needed. */
export type Token = string | (() => string | Promise<string>) | null;

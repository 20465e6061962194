/** The words of the pop-up, in the languages of the pages. */

import type { Exam } from "./wire.ts";

const ZH = {
  title: "有相关检查",
  duplicate: "已有可用的同类检查",
  related: "有相关检查",
  none: "未发现相关检查",
  possible: "可能是同一人，请核对身份",
  withheld: "另有 {0} 项检查患者未授权，可请患者授权后查看",
  away: "影像云暂时无法应答，本次未作核对，可继续开单",
  login: "影像云登录已失效，本次未作核对，可继续开单",
  question: "暂未核对：{0}",
  today: "今天",
  days: "{0} 天前",
  undated: "日期不详",
  until: "互认时限至 {0}",
  arriving: "影像仍在传入",
  open: "打开影像",
  recognise: "采用该检查",
  because: "仍需重复检查，因为",
  choose: "请选择理由",
  needed: "请先选择重复检查的理由",
  remark: "补充说明（可选）",
  repeat: "重复检查",
  close: "关闭",
  show: "查看",
  advice: "提示仅供参考，由医生决定",
  source: "依据",
  caution: "注意",
  kept: "未能记录，请再试一次；开单不受影响",
  recognised: "已采用 {0} 的检查，可取消本次申请",
  repeated: "将重复检查：{0}",
  picture: "缩略图",
  grade_duplicate: "可互认",
  grade_partial: "部分可用",
  grade_related: "相关",
  none_contrast: "平扫",
  with_contrast: "增强",
  both_contrast: "平扫+增强",
  angio: "血管成像",
};

const EN: typeof ZH = {
  title: "There is a related exam",
  duplicate: "A comparable exam exists",
  related: "There is a related exam",
  none: "No related exam was found",
  possible: "Possibly the same person: please verify",
  withheld: "{0} more exams are not open to this institution; you may ask the patient",
  away: "The imaging cloud does not answer: nothing was checked, the order can go on",
  login: "The log-in to the imaging cloud has ended: nothing was checked, the order can go on",
  question: "Not checked yet: {0}",
  today: "today",
  days: "{0} days ago",
  undated: "no date",
  until: "valid until {0}",
  arriving: "still arriving",
  open: "Open the images",
  recognise: "Use this exam",
  because: "Repeat all the same, because",
  choose: "Choose a reason",
  needed: "Choose a reason for repeating first",
  remark: "Remark (optional)",
  repeat: "Repeat",
  close: "Close",
  show: "Show",
  advice: "This is advice; the physician decides",
  source: "Source",
  caution: "Caution",
  kept: "This could not be recorded, please try again; the order is not affected",
  recognised: "The exam of {0} is used; this order can be dropped",
  repeated: "To be repeated: {0}",
  picture: "Thumbnail",
  grade_duplicate: "reusable",
  grade_partial: "reusable in part",
  grade_related: "related",
  none_contrast: "without contrast",
  with_contrast: "with contrast",
  both_contrast: "without and with contrast",
  angio: "angiography",
};

/** The codes of POST /api/order-check/{alertId}/decision: six situations, three faults of the prior. */
const REASONS: Record<string, [string, string]> = {
  "condition-changed": ["病情变化，与临床表现不符", "Condition changed"],
  "fast-changing": ["疾病发展变化快", "Result changes fast in this disease"],
  "high-significance": ["对诊疗意义重大（如术前）", "Of great significance, e.g. surgery"],
  emergency: ["急诊、抢救", "Emergency or rescue"],
  appraisal: ["司法、伤残、病退等鉴定", "Judicial or disability appraisal"],
  quality: ["原检查图像质量不满足", "Image quality of the prior does not suffice"],
  incomplete: ["原检查部位或序列不全", "The prior is incomplete"],
  "not-accessible": ["原检查无法调阅", "The prior cannot be opened"],
  other: ["其他确需复查的情形", "Other need"],
};

const CONTRASTED = new Set(["CT", "MR"]);

const MODALITIES: Record<string, [string, string]> = {
  XR: ["X线", "X-ray"],
  MR: ["磁共振", "MR"],
  US: ["超声", "Ultrasound"],
  MG: ["钼靶", "Mammography"],
  NM: ["核医学", "Nuclear medicine"],
  PT: ["PET", "PET"],
  XA: ["血管造影", "Angiography"],
  RF: ["透视造影", "Fluoroscopy"],
  "?": ["检查", "Exam"],
};

const REGIONS: Record<string, [string, string]> = {
  HEAD: ["头颅", "head"], FACE: ["颌面", "face"], ORBIT: ["眼眶", "orbit"], EAR: ["耳", "ear"],
  PITUITARY: ["垂体", "pituitary"], NECK: ["颈部", "neck"], CSPINE: ["颈椎", "cervical spine"],
  TSPINE: ["胸椎", "thoracic spine"], LSPINE: ["腰椎", "lumbar spine"], SACRUM: ["骶尾", "sacrum"],
  CHEST: ["胸部", "chest"], HEART: ["心脏", "heart"], BREAST: ["乳腺", "breast"],
  ABDOMEN: ["腹部", "abdomen"], PELVIS: ["盆腔", "pelvis"], SHOULDER: ["肩", "shoulder"],
  ARM: ["上臂", "arm"], ELBOW: ["肘", "elbow"], WRIST: ["腕", "wrist"], HAND: ["手", "hand"],
  HIP: ["髋", "hip"], THIGH: ["大腿", "thigh"], KNEE: ["膝", "knee"], LEG: ["小腿", "lower leg"],
  ANKLE: ["踝", "ankle"], FOOT: ["足", "foot"], WHOLEBODY: ["全身", "whole body"],
};

export type Word = keyof typeof ZH;

export class Words {
  readonly chinese: boolean;

  constructor(language: string) {
    this.chinese = !language.toLowerCase().startsWith("en");
  }

  say(word: Word, ...values: (string | number)[]): string {
    const text = (this.chinese ? ZH : EN)[word];
    return text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)] ?? ""));
  }

  reasons(): [string, string][] {
    return Object.entries(REASONS).map(([code, pair]) => [code, this.of(pair)]);
  }

  reason(code: string): string {
    const pair = REASONS[code];
    return pair ? this.of(pair) : code;
  }

  /** "胸部 CT 平扫" or "CT chest without contrast". */
  exam(exam: Exam): string {
    const modality = this.named(MODALITIES, exam.modality);
    const regions = exam.regions.map((each) => this.named(REGIONS, each)).join(this.chinese ? "、" : ", ");
    const said = { none: "none_contrast", with: "with_contrast", both: "both_contrast" }[exam.contrast];
    // A film or a plain ultrasound is never given contrast: nobody calls it "without".
    const contrast = exam.contrast === "none" && !CONTRASTED.has(exam.modality) ? undefined : said;
    const method = exam.angio ? this.say("angio") : contrast ? this.say(contrast as Word) : "";
    const parts = this.chinese ? [regions, modality, method] : [modality, regions, method];
    return parts.filter(Boolean).join(" ");
  }

  /** "注意：…" or "Caution: …". */
  labelled(word: Word, text: string): string {
    return `${this.say(word)}${this.chinese ? "：" : ": "}${text}`;
  }

  /**
   * A message of the server in both languages ("中文。 English."): the reader's first, then the
   * other. One in a single language comes whole.
   */
  inOrder(message: string): [string, string] {
    const found = /^(.*[。！？]) ([\x20-\x7e\u2000-\u22ff]+)$/s.exec(message);
    const [, chinese = message, english = ""] = found ?? [];
    return this.chinese || english === "" ? [chinese, english] : [english, chinese];
  }

  private of(pair: [string, string]): string {
    return pair[this.chinese ? 0 : 1];
  }

  private named(table: Record<string, [string, string]>, code: string): string {
    const pair = table[code];
    return pair ? this.of(pair) : code;
  }
}

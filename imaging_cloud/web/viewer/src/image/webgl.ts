/** Drawing with WebGL2: 16-bit values go to the graphics card as they are; it windows them. */

import { type Frame, type GreyFrame, isFlat, type Picture } from "../model.ts";
import { curveOf } from "./grey.ts";
import type { Drawing, Painter } from "./painter.ts";

const VERTEX = `#version 300 es
uniform vec4 place; // left, top, width, height in clip space
out vec2 at;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  at = corner;
  gl_Position = vec4(place.x + corner.x * place.z, place.y - corner.y * place.w, 0, 1);
}`;

/** Integer textures are not filtered by the card, so the four neighbours are mixed here. */
function greyFragment(sampler: string): string {
  return `#version 300 es
precision highp float;
precision highp ${sampler};
uniform ${sampler} values;
uniform vec2 modality; // slope, intercept
uniform vec3 voi; // middle, span, and 1 for a sigmoid
uniform float turned;
uniform float smoothly;
in vec2 at;
out vec4 colour;
float grey(ivec2 pixel, ivec2 last) {
  float stored = float(texelFetch(values, clamp(pixel, ivec2(0), last), 0).r);
  float value = stored * modality.x + modality.y;
  if (voi.z > 0.5) return 1.0 / (1.0 + exp(-4.0 * (value - voi.x) / voi.y));
  if (voi.y <= 0.0) return value <= voi.x ? 0.0 : 1.0;
  return clamp((value - voi.x) / voi.y + 0.5, 0.0, 1.0);
}
void main() {
  ivec2 size = textureSize(values, 0);
  ivec2 last = size - 1;
  float found;
  if (smoothly > 0.5) {
    vec2 there = at * vec2(size) - 0.5;
    ivec2 first = ivec2(floor(there));
    vec2 share = there - vec2(first);
    float top = mix(grey(first, last), grey(first + ivec2(1, 0), last), share.x);
    float bottom = mix(grey(first + ivec2(0, 1), last), grey(first + 1, last), share.x);
    found = mix(top, bottom, share.y);
  } else {
    found = grey(ivec2(at * vec2(size)), last);
  }
  found = mix(found, 1.0 - found, turned);
  colour = vec4(vec3(found), 1);
}`;
}

const FLAT = `#version 300 es
precision highp float;
uniform sampler2D values;
uniform float turned;
in vec2 at;
out vec4 colour;
void main() {
  vec3 found = texture(values, at).rgb;
  colour = vec4(mix(found, 1.0 - found, turned), 1);
}`;

const LOOK_AGAIN_MS = 8;
const ONE_PIXEL = {
  rectangle: { x: 0, y: 0, width: 1, height: 1 },
  slope: 1,
  intercept: 0,
  window: { center: 0, width: 1, curve: "linear" as const },
  turned: false,
  smooth: true,
};

type Kind = "signed" | "unsigned" | "flat";

/** A program, and where its uniforms are: to ask for these costs more than to draw. */
interface Program {
  program: WebGLProgram;
  uniform: (name: string) => WebGLUniformLocation | null;
}

export class WebGLPainter implements Painter {
  readonly name = "webgl2";
  readonly largestSide: number;
  /** A series mostly needs one of them. Begun when it is expected, asked for when it must draw. */
  private readonly begun = new Map<Kind, WebGLProgram>();
  private readonly programs = new Map<Kind, Program>();
  private loaded: Frame | null = null;
  /** Form and size of the texture that there is: the next slice mostly fits into it. */
  private shape = "";
  private lost = false;

  /** Null where the browser has no WebGL2. */
  static on(canvas: HTMLCanvasElement): WebGLPainter | null {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      desynchronized: false,
      powerPreference: "low-power",
      preserveDrawingBuffer: false,
    });
    if (gl === null) return null;
    return new WebGLPainter(gl, canvas);
  }

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly canvas: HTMLCanvasElement,
  ) {
    this.largestSide = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    this.prepare();
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lost = true;
    });
  }

  private prepare(): void {
    const gl = this.gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    }
  }

  /** The card compiles while the values are on their way: whoever asks at once waits for it. */
  expect(picture: Picture | null): void {
    if (!this.usable) return;
    if (picture === null) {
      for (const kind of ["signed", "unsigned"] as const) this.begin(kind);
    } else {
      this.begin(kindOfPicture(picture));
      if (!isFlat(picture)) void this.warm(picture);
    }
  }

  /** Drivers make the last of a program at its first use: here for one pixel that nobody sees. */
  private async warm(picture: Picture): Promise<void> {
    const gl = this.gl;
    const program = this.begin(kindOfPicture(picture));
    const told = gl.getExtension("KHR_parallel_shader_compile");
    if (told === null) return; // to ask would be to wait
    while (this.usable && !gl.getProgramParameter(program, told.COMPLETION_STATUS_KHR)) {
      await new Promise((next) => setTimeout(next, LOOK_AGAIN_MS));
    }
    if (this.loaded !== null) return;
    const frame: Frame = { kind: "grey", columns: 1, rows: 1, values: onePixel(picture), full: false };
    this.draw(frame, { ...ONE_PIXEL, picture });
  }

  private begin(kind: Kind): WebGLProgram {
    const found = this.begun.get(kind);
    if (found !== undefined) return found;
    const program = this.compile(kind === "flat" ? FLAT : greyFragment(kind === "signed" ? "isampler2D" : "usampler2D"));
    this.begun.set(kind, program);
    return program;
  }

  /** Null where the driver cannot: such a one is as good as none. */
  private programFor(kind: Kind): Program | null {
    const found = this.programs.get(kind);
    if (found !== undefined) return found;
    const gl = this.gl;
    const program = this.begin(kind);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      console.warn("shaders:", gl.getProgramInfoLog(program));
      this.lost = true;
      return null;
    }
    const places = new Map<string, WebGLUniformLocation | null>();
    for (const name of ["place", "modality", "voi", "turned", "smoothly"]) {
      places.set(name, gl.getUniformLocation(program, name));
    }
    const made = { program, uniform: (name: string) => places.get(name) ?? null };
    this.programs.set(kind, made);
    return made;
  }

  private compile(fragment: string): WebGLProgram {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type);
      if (shader === null) continue; // the context is lost, and linking says so
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    return program;
  }

  get usable(): boolean {
    return !this.lost && !this.gl.isContextLost();
  }

  draw(frame: Frame | null, how: Drawing): void {
    const gl = this.gl;
    if (!this.usable) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (frame === null) return;
    const kind = kindOf(frame);
    const chosen = this.programFor(kind);
    if (chosen === null) return;
    if (this.loaded !== frame) this.upload(frame);
    const { program, uniform } = chosen;
    gl.useProgram(program);
    const { x, y, width, height } = how.rectangle;
    const [wide, high] = [this.canvas.width / 2, this.canvas.height / 2];
    gl.uniform4f(uniform("place"), x / wide - 1, 1 - y / high, width / wide, height / high);
    gl.uniform1f(uniform("turned"), how.turned ? 1 : 0);
    if (kind !== "flat") {
      gl.uniform2f(uniform("modality"), how.slope, how.intercept);
      const { middle, span, sigmoid } = curveOf(how.window);
      gl.uniform3f(uniform("voi"), middle, span, sigmoid ? 1 : 0);
      gl.uniform1f(uniform("smoothly"), how.smooth ? 1 : 0);
    }
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private upload(frame: Frame): void {
    const gl = this.gl;
    this.loaded = frame;
    if (frame.kind === "flat") {
      this.reshape("flat", gl.LINEAR);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, frame.bitmap);
      return;
    }
    const [inner, format, type] = this.formatOf(frame);
    const { columns, rows, values } = frame;
    if (this.reshape(`${inner} ${columns} ${rows}`, gl.NEAREST)) {
      gl.texImage2D(gl.TEXTURE_2D, 0, inner, columns, rows, 0, format, type, values);
    } else {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, columns, rows, format, type, values);
    }
  }

  /** Whether the texture has to be made anew; its filter is set then. */
  private reshape(shape: string, filter: number): boolean {
    if (this.shape === shape) return false;
    const gl = this.gl;
    this.shape = shape;
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    return true;
  }

  private formatOf(frame: GreyFrame): [number, number, number] {
    const gl = this.gl;
    if (frame.values instanceof Int16Array) return [gl.R16I, gl.RED_INTEGER, gl.SHORT];
    if (frame.values instanceof Uint16Array) return [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT];
    if (frame.values instanceof Int8Array) return [gl.R8I, gl.RED_INTEGER, gl.BYTE];
    return [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE];
  }
}

function kindOfPicture(picture: Picture): Kind {
  return isFlat(picture) ? "flat" : picture.signed ? "signed" : "unsigned";
}

function onePixel({ bitsAllocated, signed }: Picture): GreyFrame["values"] {
  if (bitsAllocated > 8) return signed ? new Int16Array(1) : new Uint16Array(1);
  return signed ? new Int8Array(1) : new Uint8Array(1);
}

function kindOf(frame: Frame): Kind {
  if (frame.kind === "flat") return "flat";
  const { values } = frame;
  return values instanceof Int16Array || values instanceof Int8Array ? "signed" : "unsigned";
}

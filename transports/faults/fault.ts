import type { Transport } from "../../lib/protocol/transport.ts";
import type { AnswerName, ErrorFrameName } from "./server_words.ts";

/** Where in a body a fault sets in: behind so many frames (lines) and so many bytes more. */
export interface FaultPosition {
  /** How many frames come through. */
  readonly afterFrames: number;
  /** How many bytes come through behind them. */
  readonly afterBytes: number;
}

/** What befalls a body on its way; of a stream that is open as well. */
export type BodyFault =
  | { readonly type: "bytewise"; readonly delayMs: number }
  | ({ readonly type: "cut" | "end" | "silence" | "garbage" } & FaultPosition)
  | ({ readonly type: "errorFrame"; readonly error: ErrorFrameName } & FaultPosition)
  | { readonly type: "withoutResourceVersion" | "unknownType"; readonly afterFrames: number }
  | { readonly type: "oversizedFrame"; readonly afterFrames: number; readonly bytes: number }
  | { readonly type: "replay"; readonly shuffled: boolean };

/** What befalls a request: plain data, so that a schedule of faults can be printed. `faults` makes them. */
export type Fault =
  | { readonly type: "refused" | "unanswered" | "answerLost" }
  | { readonly type: "slow"; readonly delayMs: number; readonly then: Fault | undefined }
  | { readonly type: "answer"; readonly answer: AnswerName }
  | {
      readonly type: "customAnswer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly type: "answeredBy"; readonly transport: Transport }
  | { readonly type: "groupUnavailable"; readonly group: string }
  | BodyFault;

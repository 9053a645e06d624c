import { controlPlaneAssets, skipReason } from "../fixtures/control_plane_assets.ts";
import { ON_EMBEDDED, ON_REAL } from "../fixtures/server_names.ts";

/** A part of the tests that runs inside each runtime. */
export interface Layer {
  /** As on the command line. */
  readonly name: string;
  /** As in tables. */
  readonly title: string;
  /** Which tests, in vitest's words. */
  readonly args: readonly string[];
  /** Of those, the ones whose full name contains this; all contain "". */
  readonly tests: string;
  /** What it lacks here, if anything. */
  lacks(): string | undefined;
}

const CONFORMANCE = ["--project", "real", "tests/conformance"];
const nothing = () => undefined;

export const layers: readonly Layer[] = [
  { name: "unit", title: "unit", args: ["--project", "unit"], tests: "", lacks: nothing },
  {
    ...{ name: "embedded", title: "conformance, embedded server" },
    ...{ args: CONFORMANCE, tests: ON_EMBEDDED, lacks: nothing },
  },
  {
    ...{ name: "real", title: "conformance, kube-apiserver" },
    ...{ args: CONFORMANCE, tests: ON_REAL },
    lacks: () => (controlPlaneAssets() === undefined ? skipReason : undefined),
  },
];

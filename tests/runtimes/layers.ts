import { controlPlaneAssets } from "../fixtures/control_plane_assets.ts";

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
}

const CONFORMANCE = ["--project", "real", "tests/conformance"];

const all: readonly Layer[] = [
  { name: "unit", title: "unit", args: ["--project", "unit"], tests: "" },
  {
    ...{ name: "embedded", title: "conformance, embedded server" },
    ...{ args: CONFORMANCE, tests: "on the embedded API server" },
  },
  {
    ...{ name: "real", title: "conformance, kube-apiserver" },
    ...{ args: CONFORMANCE, tests: "on a real kube-apiserver" },
  },
];

/** The layers that can run here: the last one only where a control plane is built. */
export function layers(): readonly Layer[] {
  return controlPlaneAssets() === undefined ? all.filter(({ name }) => name !== "real") : all;
}

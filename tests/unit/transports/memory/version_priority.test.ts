import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { compareVersions } from "../../../../transports/memory/version_priority.ts";

describe("compareVersions", () => {
  it("puts releases before betas before alphas before other names, the higher first", () => {
    const ordered = ["v10", "v2", "v1", "v11beta2", "v3beta1", "v12alpha1", "v1alpha2", "foo", "v0", "v01"];
    expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
  });
});

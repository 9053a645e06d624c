import process from "node:process";
import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { thisRuntime, thisVersion } from "../fixtures/this_runtime.ts";

// A test runner may start its workers with another program than the one that it runs in.
it("the tests run inside the runtime that they are started for", () => {
  const here = `${thisRuntime} ${thisVersion}`;
  expect(here).toBe(process.env.TESTS_INSIDE ?? here);
});

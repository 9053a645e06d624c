import { register } from "node:module";
import { mutationNamed } from "./mutations.ts";

/** Lets every module that is loaded from now on see the engine with this defect. */
export function applyMutation(name: string): void {
  const mutation = mutationNamed(name);
  const url = new URL(`../../${mutation.file}`, import.meta.url).href;
  register("./mutate_hooks.mjs", import.meta.url, { data: { ...mutation, url } });
}

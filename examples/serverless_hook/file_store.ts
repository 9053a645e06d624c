import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KeyValueStore } from "../../lib/checkpoint/mod.ts";

/** A store of one file for each key. A value is written beside its place and moved there: it is never half there. */
export function fileStore(folder: string): KeyValueStore {
  const fileOf = (key: string) => join(folder, `${encodeURIComponent(key)}.json`);
  return {
    get: (key) => readFile(fileOf(key), "utf8").catch(ignoreMissing),
    async set(key, value) {
      const temporary = `${fileOf(key)}.${crypto.randomUUID()}`;
      await writeFile(temporary, value);
      await rename(temporary, fileOf(key));
    },
    delete: (key) => rm(fileOf(key), { force: true }),
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

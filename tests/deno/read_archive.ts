import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/** The regular files of a gzipped tar archive, by their paths from `/`. */
export function readArchive(archive: Uint8Array): Map<string, Buffer> {
  const bytes = gunzipSync(archive);
  const files = new Map<string, Buffer>();
  let at = 0;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    const text = (from: number, length: number) =>
      bytes.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const name = [text(345, 155), text(0, 100)].filter((part) => part !== "").join("/");
    const begin = at + BLOCK;
    if (text(156, 1) === "0" || text(156, 1) === "") {
      files.set(`/${name.replace(/^\.?\//, "")}`, bytes.subarray(begin, begin + size));
    }
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

// The half of fast-json-patch that makes patches. The package has types for the whole only, which bundles do without.
declare module "fast-json-patch/module/duplex.mjs" {
  /** The operations of RFC 6902 that turn one document into another. */
  export function compare(before: object, after: object): unknown[];
}

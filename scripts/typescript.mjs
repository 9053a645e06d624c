// Lets any supported Node run the TypeScript programs of this repository:
//   node --import ./scripts/typescript.mjs tests/simulation/main.ts
import { register } from "node:module";

process.setSourceMapsEnabled(true);
register("./typescript_hooks.mjs", import.meta.url);

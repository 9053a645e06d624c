import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type Command, parseCommand, UsageError } from "../../../cli/arguments.ts";

const usual = { name: "serve", port: 8080, host: "127.0.0.1", kubeconfig: undefined } as const;

describe("parseCommand", () => {
  const understood: [args: string, command: Command][] = [
    ["serve", usual],
    ["serve --port 0", { ...usual, port: 0 }],
    ["--port=65535 serve", { ...usual, port: 65_535 }],
    ["serve --host ::1 --kubeconfig ./k", { ...usual, host: "::1", kubeconfig: "./k" }],
    ["--help", { name: "help" }],
    ["serve -h", { name: "help" }],
    ["--version", { name: "version" }],
  ];
  for (const [args, command] of understood) {
    it(`understands ${args}`, () => expect(parseCommand(args.split(" "))).toEqual(command));
  }

  const refused: [args: string[], message: string][] = [
    [[], "Cannot run: no command is given"],
    [["watch"], "Cannot run watch: the only command is serve"],
    [["serve", "pods"], "Cannot run serve: it takes no argument such as pods"],
    [["serve", "--port", "http"], "Cannot run serve: --port is http, it must be a number from 0 to 65535"],
    [["serve", "--port", "65536"], "Cannot run serve: --port is 65536, it must be a number from 0 to 65535"],
    [["serve", "--port", "-1"], "Cannot run: Option '--port' argument is ambiguous"],
    [["serve", "--port="], "Cannot run serve: --port is , it must be a number from 0 to 65535"],
    [["serve", "--host="], "Cannot run serve: --host needs an address"],
    [["serve", "--kubeconfig="], "Cannot run serve: --kubeconfig needs the name of a file"],
    [["serve", "--prot", "1"], "Cannot run: Unknown option '--prot'"],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${args.join(" ") || "nothing"}`, () => {
      let error: unknown;
      try {
        parseCommand(args);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toContain(message);
    });
  }
});

import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { applyCases } from "./apply/apply.ts";
import { conflictCases } from "./apply/conflicts.ts";
import { listCases } from "./apply/lists.ts";
import { ownerCases } from "./apply/owners.ts";
import { refusalCases } from "./apply/refusals.ts";
import { sessions } from "./session.ts";

describeOnEachServer("server-side apply", (server) => {
  const open = sessions(server);
  applyCases(open);
  ownerCases(open);
  conflictCases(open);
  listCases(open);
  refusalCases(open);
});

import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { acceptCases } from "./forms/accept.ts";
import { builtInTableCases } from "./forms/built_in_tables.ts";
import { metadataCases } from "./forms/metadata.ts";
import { tableCases } from "./forms/tables.ts";
import { sessions } from "./session.ts";

describeOnEachServer("the forms of answers", (server) => {
  const open = sessions(server);
  acceptCases(open);
  metadataCases(open);
  tableCases(open);
  builtInTableCases(open);
});

import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { admissionCases } from "./schema/admission.ts";
import { changeCases } from "./schema/changes.ts";
import { validationCases } from "./schema/validation.ts";
import { sessions } from "./session.ts";

describeOnEachServer("schemas of custom kinds", (server) => {
  const open = sessions(server);
  admissionCases(open);
  validationCases(open);
  changeCases(open);
});

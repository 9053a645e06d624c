import { format as checks } from "@cfworker/json-schema";

const UUID = (version: string, variant: string) =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, "i");
const ANY = "[0-9a-f]";
const SHORT_NAME = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const UNIT = "(ns|us|µs|μs|ms|s|m|h)";
const LONG_UNIT =
  "(n|nano|nanosecond|u|µ|micro|microsecond|m|milli|millisecond|s|sec|second|min|minute|h|hr|hour|d|day|w|wk|week)s?";
const LONGEST_NAME = 253;

type Check = RegExp | ((text: string) => boolean);

/** The formats that the API server knows and this one checks, without their dashes; others say nothing. */
const FORMATS: ReadonlyMap<string, Check | undefined> = new Map<string, Check | undefined>([
  ["date", checks.date],
  ["datetime", checks["date-time"]],
  ["email", checks.email],
  ["hostname", checks.hostname],
  ["ipv4", checks.ipv4],
  ["ipv6", checks.ipv6],
  ["uri", /^(\/|[a-z][-+.a-z0-9]*:)\S*$/i],
  ["cidr", (text) => isCidr(text)],
  ["mac", /^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4}|([0-9a-f]{4}\.){2}[0-9a-f]{4})$/i],
  ["uuid", UUID(ANY, ANY)],
  ["uuid3", UUID("3", ANY)],
  ["uuid4", UUID("4", "[89ab]")],
  ["uuid5", UUID("5", "[89ab]")],
  ["byte", /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/],
  ["duration", new RegExp(`^([-+]?((\\d+\\.?\\d*|\\.\\d+)${UNIT})+|[-+]?0|\\d+\\s*${LONG_UNIT})$`, "i")],
  ["bsonobjectid", /^[0-9a-f]{24}$/i],
  ["hexcolor", /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i],
  ["ssn", /^\d{3}[- ]?\d{2}[- ]?\d{4}$/],
  ["k8sshortname", new RegExp(`^${SHORT_NAME}$`)],
  ["k8slongname", (text) => text.length <= LONGEST_NAME && new RegExp(`^${LABEL}(\\.${LABEL})*$`).test(text)],
]);

/** Whether a text is of a format; of one that is not checked, any text is. */
export function isOfFormat(text: string, format: string): boolean {
  const check = FORMATS.get(format.replaceAll("-", ""));
  if (check === undefined) return true;
  return check instanceof RegExp ? check.test(text) : check(text);
}

function isCidr(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  if (isOfFormat(address, "ipv4")) return Number(length) <= 32;
  return isOfFormat(address, "ipv6") && Number(length) <= 128;
}

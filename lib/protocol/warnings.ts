/** One warning-value of RFC 9110, section 11.6 as Kubernetes sends it: code, agent, quoted text. */
const WARNING = /\b299 \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts of an answer's Warning headers, which a transport joins with commas. */
export function readWarnings(header: string | null): string[] {
  return Array.from((header ?? "").matchAll(WARNING), ([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}

const DIGIT = /[A-Za-z0-9+/]/;

/** Where a text stops being base64 as Go reads it, which skips line ends; undefined where it is base64. */
function illegalByte(text: string): number | undefined {
  let at = 0;
  const next = () => {
    while (text[at] === "\n" || text[at] === "\r") at += 1;
    return text[at++];
  };
  for (;;) {
    for (let place = 0; place < 4; place += 1) {
      const character = next();
      if (character === undefined) return place === 0 ? undefined : at - 1 - place;
      if (DIGIT.test(character)) continue;
      if (character !== "=" || place < 2) return at - 1;
      if (place === 2) {
        const second = next();
        if (second === undefined) return at - 1;
        if (second !== "=") return at - 1;
      }
      return next() === undefined ? undefined : at - 1;
    }
  }
}

/** The text in its canonical form, or what the API server says of one that is no base64. */
export function goBase64(text: string): { base64: string } | { problem: string } {
  const at = illegalByte(text);
  if (at !== undefined) return { problem: `illegal base64 data at input byte ${at}` };
  return { base64: btoa(atob(text.replace(/[\r\n]/g, ""))) };
}

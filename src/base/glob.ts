/**
 * Patterns with `*` (any characters, also none) and `?` (one character), for texts of all kinds.
 * What others send is matched against them, and others send them: so it is the method that keeps
 * one star to go back to (Krauss, "Matching Wildcards", 2008), which takes no longer than the
 * product of both lengths. A regular expression with as many stars could take for ever.
 */

/** Whether all of `text` is what `pattern` says. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let starAt = -1;
  let starPlace = 0;
  while (place < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      starAt = at++;
      starPlace = place;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[place])) {
      at++;
      place++;
    } else if (starAt >= 0) {
      // The last star takes one character more.
      at = starAt + 1;
      place = ++starPlace;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

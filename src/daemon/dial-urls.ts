/** Where others can dial a node. */
import { URL_LENGTH_MAX, URLS_PER_NODE_MAX } from '../protocol/limits.ts';
import { parseStreamUrl } from '../protocol/url.ts';

/** Whether others can dial what is listened on: a host and a port, not all addresses at once. */
function isPlace(listened: string): boolean {
  const url = parseStreamUrl(listened);
  return url.kind === 'tcp' && url.host !== '0.0.0.0' && url.host !== '::';
}

/** The URLs that the operator has told, or those that it listens on, if these are places. */
export function chooseDialUrls(told: readonly string[], listened: readonly string[]): string[] {
  return (told.length > 0 ? [...told] : listened.filter(isPlace))
    .filter((url) => url.length <= URL_LENGTH_MAX)
    .slice(0, URLS_PER_NODE_MAX);
}
